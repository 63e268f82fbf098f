import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// `check` fails exactly where `run` does before the guest begins, and says the same.
@Suite("Check and run", .boots) struct CheckTests {
    /// A launch with nothing to see of its guest, if it came to that.
    private static func runs(withTaps: Bool) -> [BootRun] {
        BootCase.all.filter { bootCase in
            guard bootCase.invocations.contains(.native), bootCase.listed.isEmpty,
                bootCase.stopAfter == nil, (bootCase.taps > 0) == withTaps,
                case .nothing = bootCase.expectation.output
            else { return false }
            return bootCase.expectation.status == 1
        }.map { BootRun(bootCase: $0, invocation: .native) }
    }

    @Test("Every failing launch", arguments: Flavour.built, runs(withTaps: false))
    func withoutNetwork(flavour: Flavour, run: BootRun) throws {
        try expectSame(run, flavour, inNamespace: false)
    }

    @Test(
        "Every failing launch with taps", .usesTaps, arguments: Flavour.built,
        runs(withTaps: true))
    func withTaps(flavour: Flavour, run: BootRun) throws {
        try expectSame(run, flavour, inNamespace: true)
    }

    private func expectSame(_ run: BootRun, _ flavour: Flavour, inNamespace: Bool) throws {
        let launched = try outcome(run.script, flavour, inNamespace)
        // What the guest has done is no failure of the launch.
        if launched.error.contains(#/^pinnace: KVM: (unhandled|host\/guest|invalid)/#) { return }
        let script = run.script.replacing(#""$PINNACE" run"#, with: #""$PINNACE" check"#)
        try #require(script != run.script)
        let checked = try outcome(script, flavour, inNamespace)
        #expect(checked.status == 1)
        let prefix = "pinnace: "
        let warnings = checked.error.split(separator: "\n")
        let reasons = checked.output.split(separator: "\n").dropFirst().map {
            $0.hasPrefix("  ") ? $0.dropFirst(2) : $0
        }
        // Lines that name the command name their own.
        let launchError = launched.error.replacing("pinnace run", with: "pinnace check")
        let said = launchError.split(separator: "\n").filter { !warnings.contains($0) }
            .map { $0.hasPrefix(prefix) ? $0.dropFirst(prefix.count) : $0 }
        #expect(said.first != nil && said.first == reasons.first, "\(launched.error)")
        #expect(said.allSatisfy { reasons.contains($0) }, "\(said)\n\(reasons)")
    }

    private func outcome(
        _ script: String, _ flavour: Flavour, _ inNamespace: Bool
    ) throws -> ChildProcess.Outcome {
        let directory = try TemporaryDirectory()
        return try Shell.run(
            inNamespace ? Namespace.command(script) : script,
            environment: [
                "PINNACE": flavour.path, "GUESTS": Host.guests, "WORK": directory.path,
            ])
    }

    @Test("A debugger's port that is taken", arguments: Flavour.debugBuilt)
    func takenPort(flavour: Flavour) throws {
        let other = try flavour.startDebug("idle", options: ["--gdb", "--gdb-port=0"])
        #expect(try other.waitForOutput("Waiting for a debugger"))
        #expect(try other.waitForOutput("\n"))
        let port = try #require(other.errorSoFar.firstMatch(of: /localhost:([0-9]+)"/)).1
        try expectRefusal(
            flavour, ["--gdb", "--gdb-port=\(port)"],
            "Could not listen on port \(port): Address already in use")
    }

    @Test("A debugger's path that can't be had", arguments: Flavour.debugBuilt)
    func takenPath(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write([1], to: "file")
        let socket = directory.path("socket")
        let other = try flavour.startDebug("idle", options: ["--gdb=unix:\(socket)"])
        #expect(try other.waitForOutput("Waiting for a debugger"))
        for (path, cause) in [
            (file, "Address already in use"), (socket, "Address already in use"),
            (directory.path("none/socket"), "No such file or directory"),
            ("\(file)/socket", "Not a directory"),
        ] {
            try expectRefusal(
                flavour, ["--gdb=unix:\(path)"], "Could not listen on \(path): \(cause)")
        }
        // One that was left behind is no obstacle, and is not taken away.
        try other.send(signal: SIGKILL)
        _ = try other.wait()
        for path in [socket, directory.path("new")] {
            let outcome = try ChildProcess.run(
                flavour.debugPath, ["check", "--gdb=unix:\(path)", Host.guest("idle")])
            #expect(outcome.status == 0, "\(outcome)")
        }
        #expect(access(socket, F_OK) == 0)
        #expect(access(directory.path("new"), F_OK) != 0)
    }

    private func expectRefusal(_ flavour: Flavour, _ options: [String], _ text: String) throws {
        let words = options + [Host.guest("idle")]
        let run = try ChildProcess.run(flavour.debugPath, ["run"] + words)
        #expect(run.status == 1 && run.error.hasPrefix("pinnace: "))
        #expect(run.error.contains(text), "\(run.error)")
        let checked = try ChildProcess.run(flavour.debugPath, ["check"] + words)
        #expect(checked.status == 1)
        #expect(
            checked.output.split(separator: "\n").dropFirst().map { $0.dropFirst(2) }
                == run.error.split(separator: "\n").map { $0.dropFirst("pinnace: ".count) })
    }
}
