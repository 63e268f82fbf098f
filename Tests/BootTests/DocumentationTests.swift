import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What README and the other pages say can be typed, and where they point to, is there.
@Suite("Documentation") struct DocumentationTests {
    private static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// All pages, as paths in the package.
    static let pages: [String] =
        ["README.md"]
        + ["Sources", "Modules", "Tests", "abi"].flatMap { folder in
            let names = FileManager.default.enumerator(
                atPath: package.appendingPathComponent(folder).path)
            return (names?.compactMap { $0 as? String } ?? [])
                .filter { $0.hasSuffix(".md") }.map { "\(folder)/\($0)" }
        }

    static func text(_ page: String) throws -> String {
        try String(contentsOf: package.appendingPathComponent(page), encoding: .utf8)
    }

    /// The words of the lines of code that begin with one of these programs, without them.
    private func commands(_ programs: [String], in page: String) throws -> [[String]] {
        try Self.text(page).split(separator: "\n").filter { $0.hasPrefix("    ") }.compactMap {
            line in
            let code = line.prefix { $0 != "#" }
            let words = code.split(separator: " ").map(String.init).drop {
                ["$", "sudo"].contains($0)
            }
            guard let program = words.first, programs.contains(program) else { return nil }
            return Array(words.dropFirst())
        }
    }

    @Test("There are pages") func found() {
        #expect(Self.pages.count > 20)
        #expect(Self.pages.contains("Sources/pinnace/pinnace.docc/CommandLine.md"))
    }

    /// Each command and each option, up to the guest.
    @Test("Commands and options of pinnace", .needs(Flavour.regular.lack))
    func options() throws {
        var helps: [String: String] = [:]
        var count = 0
        for page in Self.pages {
            for words in try commands(["pinnace", ".build/pinnace"], in: page) {
                // A usage line, or what `--version` prints.
                guard let command = words.first, command.first?.isLetter == true else { continue }
                if helps[command] == nil {
                    let outcome = try ChildProcess.run(Flavour.regular.path, ["help", command])
                    #expect(outcome.status == 0, "\(page): \(command): \(outcome.error)")
                    helps[command] = outcome.output
                }
                for word in words.dropFirst().prefix(while: { $0.hasPrefix("-") }) {
                    let name = word.prefix { $0 != "=" && $0 != ":" && $0 != "[" }
                    let help = helps[command] ?? ""
                    #expect(help.contains(name), "\(page): \(command) \(word)")
                    count += 1
                }
            }
        }
        #expect(count > 20)
    }

    @Test("Targets and profiles of make") func targets() throws {
        let makefile = try Self.text("Makefile")
        var count = 0
        // On that page, the makefile is one that `mirage configure` writes.
        for page in Self.pages where !page.hasSuffix("GuestsInOCaml.md") {
            for words in try commands(["make"], in: page) {
                for word in words where word.first?.isLowercase == true && !word.contains("=") {
                    #expect(makefile.contains("\n\(word):"), "\(page): make \(word)")
                    count += 1
                }
                for word in words where word.hasPrefix("PROFILE=") {
                    let profile = word.dropFirst("PROFILE=".count)
                    #expect(makefile.contains("\nTRAITS_\(profile) :="), "\(page): \(word)")
                }
            }
        }
        #expect(count > 10)
    }

    @Test("Links between pages", arguments: pages) func links(page: String) throws {
        let place = Self.package.appendingPathComponent(page).deletingLastPathComponent()
        for match in try Self.text(page).matches(of: #/\]\(([^)\s#]+)(#[^)]*)?\)/#) {
            let target = String(match.1)
            guard !target.contains(":") else { continue }
            #expect(
                FileManager.default.fileExists(
                    atPath: place.appendingPathComponent(target).standardizedFileURL.path),
                "\(page): \(target)")
        }
    }

    @Test(
        "The demo, as `make demo` runs it when all is built", .boots, .needs(Flavour.release.lack))
    func demo() throws {
        let outcome = try ChildProcess.run(
            "/bin/sh", [Self.package.appendingPathComponent("Tests/demo").path])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("hello: cmdline=\"from the command line\"\nSUCCESS\n"))
        #expect(outcome.output.contains("KVM_RUN\n"))
        #expect(
            outcome.output.contains("icmp_seq=3") || outcome.output.contains("demo: no network"))
    }
}
