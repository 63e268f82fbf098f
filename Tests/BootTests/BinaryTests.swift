import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What the release flavour's program file is like.
@Suite("Release binary", .needs(Flavour.release.lack)) struct BinaryTests {
    @Test("It needs no dynamic linker", .needs(Host.missing("readelf")))
    func isStatic() throws {
        let headers = try Shell.run("readelf -lW \(Shell.quoted(Flavour.release.path))").output
        #expect(headers.contains("LOAD"))
        #expect(!headers.contains("INTERP"))
        let dynamic = try Shell.run("readelf -dW \(Shell.quoted(Flavour.release.path))").output
        #expect(!dynamic.contains("(NEEDED)"))
    }

    @Test("It is smaller than 1.85 MB")
    func size() throws {
        var status = stat()
        try attempt { stat(Flavour.release.path, &status) }
        #expect(status.st_size < 1_850_000)
    }

    @Test("Its stack and data can't be executed", .needs(Host.missing("readelf")))
    func protections() throws {
        let headers = try Shell.run("readelf -lW \(Shell.quoted(Flavour.release.path))").output
        let segments = headers.split(separator: "\n").filter {
            $0.contains(" LOAD ") || $0.contains(" GNU_STACK ")
        }
        #expect(segments.count > 2)
        for segment in segments { #expect(!segment.contains("RWE")) }
    }
}
