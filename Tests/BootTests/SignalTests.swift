import CLinux
import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What signals do to a tender whose guest waits, computes, or cannot be served.
@Suite("Signals", .boots) struct SignalTests {
    @Test("What is the same on any machine", arguments: Flavour.built, ScriptCase.signals)
    func scripted(flavour: Flavour, scripted: ScriptCase) throws {
        #expect(try scripted.objections(flavour) == [])
    }

    @Test(
        "As another program it ends with status 1 by both", arguments: Flavour.built,
        [SIGTERM, SIGINT])
    func standsIn(flavour: Flavour, number: Int32) throws {
        for (program, words, text) in [
            ("solo5-hvt", ["--mem=4", "--", Host.guest("idle")], "idle"),
            ("uhyve", [Host.guest("hermit/hostile-v3"), "--", "sleep"], "sleeping"),
        ] {
            let child = try ChildProcess(flavour.path, ["--as", program] + words)
            #expect(try child.waitForOutput(text))
            try child.send(signal: number)
            let outcome = try child.wait()
            #expect(outcome.status == 1)
            #expect(outcome.error == "\(program): Exiting on signal \(number)\n")
        }
    }

    /// A shell ends a script only if the program that it waits for died of SIGINT.
    @Test("Ctrl-C ends the script that it runs in", arguments: Flavour.built)
    func script(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        // A terminal sends the signal to all of the group.
        let outcome = try Shell.run(
            #"""
            setsid -w bash -c '
                for i in 1 2; do
                    echo "run $i"
                    : >"$D/out"
                    (until grep -q idle "$D/out"; do sleep 0.05; done; kill -INT 0) &
                    "$P" run "$G" >"$D/out"
                done'
            """#,
            environment: [
                "D": directory.path, "P": flavour.path, "G": Host.guest("idle"),
            ])
        #expect(outcome.output == "run 1\n", "\(outcome)")
    }

    @Test(
        "It ends although standard error is full and never read", arguments: Flavour.built,
        [SIGTERM, SIGINT])
    func fullStandardError(flavour: Flavour, number: Int32) throws {
        for isSocket in [false, true] {
            let (reader, writer) =
                isSocket ? try Descriptor.socketPair(SOCK_STREAM) : try Descriptor.pipe()
            let flags = try writer.statusFlags()
            _ = try writer.fill()
            let (input, ours) = try Descriptor.pipe()
            for words in [
                ["run", Host.guest("idle")],
                ["--as", "solo5-hvt", "--", Host.guest("poll"), "forever"],
                ["run", Host.guest("hermit/stdin-v3")],
            ] {
                let child = try ChildProcess(
                    flavour.path, words, input: .descriptor(input.number),
                    err: .descriptor(writer.number))
                // By then it has handlers.
                try child.waitForVCPU()
                try child.send(signal: number)
                #expect(try child.wait(timeout: 30).timedOut == false, "\(words)")
            }
            // The opening that it shares is as it was.
            #expect(try writer.statusFlags() == flags)
            withExtendedLifetime((reader, ours)) {}
        }
    }

    @Test(
        "A line about the guest's fault is not waited for, if standard error is full",
        arguments: Flavour.built)
    func fullDuringFault(flavour: Flavour) throws {
        let (reader, writer) = try Descriptor.pipe()
        _ = try writer.fill()
        for guest in ["hostile", "hermit/hostile-v3"] {
            let child = try ChildProcess(
                flavour.path,
                ["run", Host.guest(guest), guest == "hostile" ? "port-in" : "triple-fault"],
                err: .descriptor(writer.number))
            #expect(try child.wait().status == 1)
        }
        withExtendedLifetime(reader) {}
    }

    @Test(
        "Signals that were blocked when it was started end it", arguments: Flavour.built,
        [SIGTERM, SIGINT, SIGHUP])
    func blocked(flavour: Flavour, number: Int32) throws {
        for (guest, arguments, text) in [
            ("idle", [], "idle"), ("hermit/hostile-v3", ["sleep"], "sleeping"),
        ] {
            let child = try ChildProcess(
                "/usr/bin/env",
                ["--block-signal", flavour.path, "run", Host.guest(guest)] + arguments)
            #expect(try child.waitForOutput(text))
            try child.send(signal: number)
            let outcome = try child.wait()
            #expect(outcome.timedOut == false)
            #expect(outcome.signal == (number == SIGTERM ? nil : number), "\(outcome)")
        }
    }

    @Test("A guest outlives being stopped, and continues", arguments: Flavour.built)
    func stopped(flavour: Flavour) throws {
        let child = try flavour.start("many-puts", ["lines=200000"])
        #expect(try child.waitForOutput("00000100"))
        for _ in 0..<20 {
            try child.send(signal: SIGSTOP)
            try child.send(signal: SIGCONT)
        }
        let outcome = try child.wait()
        #expect(outcome.status == 0)
        #expect(outcome.out.count == 200_000 * 80 + "SUCCESS\n".utf8.count)
    }
}
