import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Follows the page for authors of modules to the letter, in a copy of the package.
@Suite("The module author's page") struct SeventhModuleTests {
    /// The modules are built at once, since each choice of traits builds everything anew.
    @Test("The skeletons and the page's module build, and guests use them", .boots)
    func modules() throws {
        let package = try PackageCopy()
        for name in ["Random", "Beep", "Clock"] {
            try package.build("make new-module NAME=\(name)")
        }
        for file in [
            "abi/random.h", "Modules/Random/RandomManifest.swift",
            "Modules/Random/RandomModule.swift", "Tests/RandomTests/RandomTests.swift",
            "Tests/Guests/hvt/random.c",
        ] {
            try package.write(package.block(after: "`\(file)`"), to: file)
        }
        let traits = "--traits Random,Beep,Clock,Puts,Halt"
        try package.build("swift build --product pinnace \(traits)")
        for target in ["RandomTests", "BeepTests"] {
            try package.build("swift build --target \(target) \(traits)")
        }
        try package.build("make -C Tests/Guests PINNACE=$PWD/.build/debug/pinnace")

        let pinnace = package.path(".build/debug/pinnace")
        let guest = package.path(".build/guests/random.hvt")
        let outcome = try ChildProcess.run(pinnace, ["run", guest])
        #expect(outcome.output == "SUCCESS\n")
        #expect(outcome.status == 0)
        let starved = try ChildProcess.run(pinnace, ["run", "--random=/dev/zero", guest])
        #expect(starved.status == 1)
        let hello = try ChildProcess.run(pinnace, ["run", Host.guest("hello")])
        #expect(hello.output.hasSuffix("SUCCESS\n"))
        #expect(hello.status == 0)

        let manifest = try ChildProcess.run(pinnace, ["manifest"]).output
        #expect(manifest.contains("9 RANDOM"))
        #expect(manifest.contains("\nbeep (trait Beep): answers guests\n"))
        #expect(manifest.contains("10 BEEP, port 0x50a, argument of 16 bytes"))
        #expect(manifest.contains("answer: number, 8 bytes at 8, out"))
        #expect(manifest.contains("11 CLOCK, port 0x50b"))
        let again = try ChildProcess.run(
            "/bin/sh", ["-c", "cd \"$0\" && make new-module NAME=Beep", package.path("")])
        #expect(again.status != 0)
        #expect(again.error.contains("Modules/Beep is there already"))
    }
}

/// A copy of the package to change and to build.
private struct PackageCopy {
    private let directory: TemporaryDirectory
    private let page: String

    init() throws {
        directory = try TemporaryDirectory()
        let origin = Host.setting("PINNACE_PACKAGE", otherwise: ".")
        for name in ["Makefile", "Package.swift", "Sources", "Modules", "Tests", "abi"] {
            try FileManager.default.copyItem(
                atPath: "\(origin)/\(name)", toPath: directory.path(name))
        }
        page = try String(contentsOfFile: directory.path("Modules/README.md"), encoding: .utf8)
    }

    func path(_ name: String) -> String { directory.path(name) }

    /// The first fenced block that follows `marker` on the page.
    func block(after marker: String) throws -> String {
        let start = try #require(page.range(of: marker), "\(marker) is not on the page").upperBound
        let fence = try #require(page.range(of: "\n```", range: start..<page.endIndex)).upperBound
        let first = try #require(page[fence...].firstIndex(of: "\n"))
        let end = try #require(page.range(of: "\n```", range: fence..<page.endIndex)).lowerBound
        return page[page.index(after: first)..<end] + "\n"
    }

    func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    func build(_ command: String) throws {
        let outcome = try ChildProcess.run(
            "/bin/sh", ["-c", "cd \"$0\" && exec \(command)", path("")], timeout: 900)
        try #require(outcome.status == 0, "\(command): \(outcome.output)\(outcome.error)")
    }
}
