import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Follows the pages for authors of guests, to a guest that runs.
@Suite("The guest authors' pages", .boots) struct GuestPageTests {
    private static let toolchain = Host.missing("x86_64-solo5-none-static-cc")

    @Test("C, with Solo5's toolchain", .needs(Self.toolchain))
    func solo5() throws {
        let page = try Page("GuestsInC")
        try expectGreeting(try page.run(page, files: ["hello.c", "manifest.json"]))
    }

    @Test("Rust", .needs(Self.toolchain ?? Host.missing("rustc")))
    func rust() throws {
        let page = try Page("GuestsInRust")
        try expectGreeting(
            try page.run(Page("GuestsInC"), files: ["manifest.json"], also: ["hello.rs"]))
    }

    private func expectGreeting(_ outcome: ChildProcess.Outcome) throws {
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.contains("\nHello, I was told: from the command line\n"))
    }

    @Test("C, with the runtime of the tests")
    func ours() throws {
        let directory = try TemporaryDirectory()
        let package = Host.setting("PINNACE_PACKAGE", otherwise: ".")
        for name in ["Tests", "abi"] {
            try FileManager.default.copyItem(
                atPath: "\(package)/\(name)", toPath: directory.path(name))
        }
        let source = try Page("GuestsInC").block(after: "`Tests/Guests/hvt/first.c`")
        try directory.write(Array(source.utf8), to: "Tests/Guests/hvt/first.c")
        let made = try Shell.run(
            """
            cd \(Shell.quoted(directory.path("Tests/Guests")))
            make OUT=$PWD/out PINNACE=\(Shell.quoted(Flavour.regular.path)) $PWD/out/first.hvt
            """)
        try #require(made.status == 0, "\(made.error)")
        let outcome = try ChildProcess.run(
            Flavour.regular.path,
            ["run", directory.path("Tests/Guests/out/first.hvt"), "hello", "there"])
        #expect(outcome.output.contains("I was told: hello there\n"))
        #expect(outcome.status == 0)
    }
}

/// A page of the documentation, whose blocks are tried.
private struct Page {
    private let text: String

    init(_ name: String) throws {
        let package = Host.setting("PINNACE_PACKAGE", otherwise: ".")
        text = try String(
            contentsOfFile: "\(package)/Sources/pinnace/pinnace.docc/\(name).md", encoding: .utf8)
    }

    /// The first fenced block that follows `marker`.
    func block(after marker: String) throws -> String {
        let start = try #require(text.range(of: marker), "\(marker) is not on the page").upperBound
        let fence = try #require(text.range(of: "\n```", range: start..<text.endIndex)).upperBound
        let first = try #require(text[fence...].firstIndex(of: "\n"))
        let end = try #require(text.range(of: "\n```", range: first..<text.endIndex)).lowerBound
        return text[text.index(after: first)..<end] + "\n"
    }

    /// Writes these files of `other` and of this page, and runs this page's commands.
    func run(
        _ other: Page, files: [String], also own: [String] = []
    ) throws -> ChildProcess.Outcome {
        let directory = try TemporaryDirectory()
        for name in files {
            try directory.write(Array(other.block(after: "`\(name)`").utf8), to: name)
        }
        for name in own {
            try directory.write(Array(block(after: "`\(name)`").utf8), to: name)
        }
        let start = try #require(text.range(of: "\n```sh\n")).upperBound
        let end = try #require(text.range(of: "\n```", range: start..<text.endIndex)).lowerBound
        return try Shell.run(
            """
            set -e
            cd \(Shell.quoted(directory.path("")))
            pinnace() { \(Shell.quoted(Flavour.regular.path)) "$@"; }
            \(text[start..<end])
            """)
    }
}
