import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// The manual and the completions, read by the programs that they are for.
@Suite("The manual and completions") struct ManualPageTests {
    private let pinnace = Flavour.regular.path

    @Test("man shows every page, and has nothing to complain about", .needs(Host.missing("man")))
    func pages() throws {
        let directory = try TemporaryDirectory()
        let pages = try ChildProcess.run(pinnace, ["manual"]).output.split(separator: "\n")
        #expect(pages.contains("pinnace"))
        #expect(pages.contains("uhyve"))
        for page in pages {
            let file = directory.path("\(page).1")
            let text = try ChildProcess.run(pinnace, ["manual", String(page)]).output
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let shown = try Shell.run(
                "man --warnings -l \(file)",
                environment: ["MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"])
            #expect(shown.status == 0)
            #expect(shown.error == "", "\(page)")
            #expect(shown.output.contains("NAME"))
            #expect(shown.output.contains("SYNOPSIS"))
        }
        let run = try Shell.run(
            "man -l \(directory.path("pinnace-run.1"))",
            environment: ["MANWIDTH": "80", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"]
        ).output.replacing("\u{8}", with: "")
        #expect(run.contains("--block:NAME=PATH"))
    }

    /// What bash offers at the end of a line.
    private func completions(_ line: String, in folder: String = "/") throws -> [String] {
        let script = """
            cd \(Shell.quoted(folder))
            compopt() { :; }
            . <(\(Shell.quoted(pinnace)) completion bash)
            COMP_LINE=\(Shell.quoted(line))
            COMP_POINT=${#COMP_LINE}
            _pinnace
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let outcome = try ChildProcess.run("/bin/bash", ["-c", script])
        #expect(outcome.error == "")
        return outcome.output.split(separator: "\n").map { String($0) }
    }

    @Test(
        "bash completes words", .needs(Host.missing("bash")),
        arguments: [
            ("pinnace ru", ["run"]), ("pinnace run --me", ["--mem="]),
            ("pinnace run --sandbox=s", ["strict"]), ("pinnace run --sandbox in", ["inherited"]),
            ("pinnace run --block-sec", ["--block-sector-size:"]),
            ("pinnace run GUEST --me", []), ("pinnace run --mem 64 --us", ["--user="]),
            ("pinnace inspect --js", ["--json"]), ("pinnace completion z", ["zsh"]),
            ("solo5-hvt --me", ["--mem="]), ("/usr/bin/uhyve --hermit-image-mode=i", ["internal"]),
            ("pinnace --as uhyve --memory", ["--memory-size="]),
            ("pinnace --as so", ["solo5-hvt", "solo5-hvt-debug", "solo5-elftool"]),
            ("solo5-elftool que", ["query-abi", "query-manifest"]),
            ("pinnace elftool gen", ["gen-manifest"]),
        ])
    func words(_ line: String, _ expected: [String]) throws {
        #expect(try Set(completions(line)) == Set(expected))
    }

    @Test("bash completes files", .needs(Host.missing("bash")))
    func files() throws {
        let directory = try TemporaryDirectory()
        try "".write(toFile: directory.path("website image.hvt"), atomically: true, encoding: .utf8)
        for line in ["pinnace run --mem=64 web", "pinnace run --mem 64 web", "uhyve web"] {
            #expect(try completions(line, in: directory.path("")) == ["website image.hvt"])
        }
    }

    @Test("zsh can read its completions", .needs(Host.missing("zsh")))
    func zsh() throws {
        let checked = try Shell.run(
            "\(Shell.quoted(pinnace)) completion zsh > /tmp/_pinnace.$$; zsh -n /tmp/_pinnace.$$; "
                + "status=$?; rm /tmp/_pinnace.$$; exit $status")
        #expect(checked.status == 0)
        #expect(checked.error == "")
    }

    @Test("fish completes from its own", .needs(Host.missing("fish")))
    func fish() throws {
        let script = """
            \(pinnace) completion fish | source
            complete -C 'pinnace ru'
            complete -C 'pinnace run --sandbox=s'
            """
        let completed = try ChildProcess.run("/usr/bin/env", ["fish", "--no-config", "-c", script])
        #expect(completed.output.contains("run\truns a guest"))
        #expect(completed.output.contains("--sandbox=strict"))
    }
}

extension String {
    fileprivate func write(toFile path: String, atomically: Bool, encoding: Encoding) throws {
        try write(to: URL(fileURLWithPath: path), atomically: atomically, encoding: encoding)
    }
}
