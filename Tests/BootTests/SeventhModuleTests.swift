import Foundation
import TestSupport
import Testing

/// Follows the page for authors of modules to the letter, in a copy of the package.
@Suite("The module author's page") struct SeventhModuleTests {
    @Test("A module written by it builds, and a guest uses it", .boots)
    func seventh() throws {
        let package = try PackageCopy()
        for file in [
            "abi/random.h", "Modules/Random/RandomManifest.swift",
            "Modules/Random/RandomModule.swift", "Modules/Random/README.md",
            "Tests/RandomTests/RandomTests.swift", "Tests/Guests/hvt/random.c",
        ] {
            try package.write(package.block(after: "`\(file)`"), to: file)
        }
        try package.insert(
            package.block(after: "to `abi/module.modulemap`"), after: "header \"notes.h\"\n",
            into: "abi/module.modulemap")
        try package.insert(
            ", \"Random\"", after: "let modules = [\"Walltime\"", into: "Package.swift")
        try package.insert(
            package.block(after: "among the\nimports:"), after: "import Tender\n",
            into: "Sources/pinnace/Registry.swift")
        try package.insert(
            package.block(after: "before `return modules`"),
            after: "var modules: [RegisteredModule] = []\n", into: "Sources/pinnace/Registry.swift")

        try package.build("swift build --target RandomTests")
        try package.build("swift build --product pinnace --traits Random,Puts,Halt")
        try package.build("swift build --product manifest-note")
        try package.build("make -C Tests/Guests MANIFEST_NOTE=$PWD/.build/debug/manifest-note")

        let pinnace = package.path(".build/debug/pinnace")
        let guest = package.path(".build/guests/random.hvt")
        let outcome = try ChildProcess.run(pinnace, ["run", guest])
        #expect(outcome.output == "SUCCESS\n")
        #expect(outcome.status == 0)
        let starved = try ChildProcess.run(pinnace, ["run", "--random=/dev/zero", guest])
        #expect(starved.status == 1)
        let manifest = try ChildProcess.run(pinnace, ["manifest"])
        #expect(manifest.output.contains("9 RANDOM"))
    }
}

/// A copy of the package to change and to build.
private struct PackageCopy {
    private let directory: TemporaryDirectory
    private let page: String

    init() throws {
        directory = try TemporaryDirectory()
        let origin = Host.setting("PINNACE_PACKAGE", otherwise: ".")
        for name in ["Package.swift", "Sources", "Modules", "Tests", "abi"] {
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

    func insert(_ text: String, after marker: String, into name: String) throws {
        var content = try String(contentsOfFile: path(name), encoding: .utf8)
        let place = try #require(content.range(of: marker), "\(marker) is not in \(name)")
        content.insert(contentsOf: text, at: place.upperBound)
        try write(content, to: name)
    }

    func build(_ command: String) throws {
        let outcome = try ChildProcess.run(
            "/bin/sh", ["-c", "cd \"$0\" && exec \(command)", path("")], timeout: 900)
        try #require(outcome.status == 0, "\(command): \(outcome.output)\(outcome.error)")
    }
}
