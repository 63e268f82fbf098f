import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What a tender has open while its guest runs: no more than that guest needs.
@Suite("Descriptors", .boots) struct DescriptorTests {
    @Test("Without devices: streams, console, vCPU", arguments: Flavour.built)
    func none(flavour: Flavour) throws {
        let child = try flavour.start("idle")
        #expect(try child.waitForOutput("idle"))
        #expect(Self.kinds(of: child) == (Self.basic + [Self.image("idle")]).sorted())
    }

    @Test("A disk adds one", arguments: Flavour.built)
    func disk(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let disk = try directory.write([UInt8](repeating: 0, count: 4096), to: "disk")
        let child = try flavour.start(
            "bench-block", ["read", "count=1000000000000"], options: ["--block:storage=\(disk)"])
        try child.waitForVCPU()
        let expected = (Self.basic + [disk, Self.image("bench-block")]).sorted()
        // A guest with a disk that tells when it begins, and then goes on, there is none.
        try eventually("\(expected): \(Self.kinds(of: child))") {
            Self.kinds(of: child) == expected
        }
    }

    @Test("A tap adds one", .usesTaps, arguments: Flavour.built)
    func tap(flavour: Flavour) throws {
        let namespace = try Namespace()
        let child = try namespace.start(
            flavour, "net-echo", ["10.0.0.2"], options: ["--net:service=tap0"])
        #expect(try child.waitForOutput("serving"))
        #expect(
            Self.kinds(of: child)
                == (Self.basic + ["/dev/net/tun", Self.image("net-echo")]).sorted())
    }

    private static let basic = [
        "/dev/null", "anon_inode:kvm-vcpu:0", "pipe", "pipe", "pipe",
    ]

    /// Open for its symbols.
    private static func image(_ guest: String) -> String {
        URL(fileURLWithPath: Host.guest(guest)).resolvingSymlinksInPath().path
    }

    /// Sorted, and without the numbers that tell one pipe from the other.
    private static func kinds(of child: ChildProcess) -> [String] {
        child.descriptors.values.map { $0.hasPrefix("pipe:") ? "pipe" : $0 }.sorted()
    }
}
