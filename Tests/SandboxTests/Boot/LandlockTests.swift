import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What is said of a kernel whose Landlock can't do what a launch relies on: on this kernel, with the
/// version that strace(1) makes of its own.
@Suite("Versions of Landlock", .boots, .needs(Host.missing("strace"))) struct LandlockTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        for name in ["read", "write"] { try directory.makeDirectory(name) }
    }

    /// Runs a guest to its end on a kernel whose Landlock is of this version.
    private func run(
        _ flavour: Flavour, version: Int, _ guest: String, _ options: [String] = []
    ) throws -> ChildProcess.Outcome {
        let injection = Injection(
            call: "landlock_create_ruleset", occurrence: 1, effect: .result(version))
        let words =
            injection.command(trace: directory.path("trace")) + [flavour.path, "run"] + options
            + [Host.guest(guest)]
        // At the end of a process, strace may fail by itself (see `FaultyLaunch.run`).
        var outcome = try Shell.start("exec \(Shell.quoted(words))").wait()
        for _ in 0..<4 where outcome.error.contains("strace: ptrace(") {
            outcome = try Shell.start("exec \(Shell.quoted(words))").wait()
        }
        return outcome
    }

    private static let lack =
        "this kernel's Landlock, version 2, can't forbid truncation of files that are mapped "
        + "read-only"

    /// The versions from the first on, up to that of this kernel.
    private static let versions = 1...6

    @Test("What the filter makes up for is not said", arguments: Flavour.built, versions)
    func silent(flavour: Flavour, version: Int) throws {
        let read = ["--file-mapping=\(directory.path("read")):/root:ro"]
        let write = ["--file-mapping=\(directory.path("write")):/root"]
        for (guest, options) in [
            ("hello", []), ("hermit/hello-v3", []), ("hermit/hello-v3", read),
            ("hermit/hello-v3", write),
        ] {
            for mode in ["on", "strict"] {
                let outcome = try run(
                    flavour, version: version, guest, options + ["--sandbox=\(mode)"])
                #expect(outcome.error == "")
                #expect(outcome.status == 0 && outcome.output.hasSuffix("SUCCESS\n"))
            }
        }
    }

    @Test("Truncation beside a mapping for writing", arguments: Flavour.built)
    func truncation(flavour: Flavour) throws {
        let mappings = [
            "--file-mapping=\(directory.path("read")):/read:ro",
            "--file-mapping=\(directory.path("write")):/write",
        ]
        for version in [2, 3] {
            let lack = version < 3 ? Self.lack : nil
            let on = try run(flavour, version: version, "hermit/hello-v3", mappings)
            #expect(on.error == (lack.map { "pinnace: \($0)\n" } ?? ""))
            #expect(on.status == 0 && on.output.hasSuffix("SUCCESS\n"))
            let strict = try run(
                flavour, version: version, "hermit/hello-v3", mappings + ["--sandbox=strict"])
            #expect(strict.error == (lack.map { "pinnace: --sandbox=strict, but \($0)\n" } ?? ""))
            #expect(strict.status == (lack == nil ? 0 : 1))
        }
    }
}
