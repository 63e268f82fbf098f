import Foundation
import TestSupport
import Testing

/// What signals do to a tender whose guest waits, computes, or cannot be served.
@Suite("Signals", .boots) struct SignalTests {
    @Test("SIGTERM and SIGINT end it with status 1", arguments: Flavour.built, [SIGTERM, SIGINT])
    func handled(flavour: Flavour, number: Int32) throws {
        for (guest, arguments, text) in [
            ("idle", [], "idle"), ("poll", ["forever"], "waiting"),
            ("hostile", ["cli-spin"], "case cli-spin"),
        ] {
            let child = try flavour.start(guest, arguments)
            #expect(try child.waitForOutput(text))
            try child.send(signal: number)
            let outcome = try child.wait()
            #expect(outcome.status == 1)
            #expect(outcome.error == "pinnace: Exiting on signal \(number)\n")
        }
    }

    @Test("The same as solo5-hvt", arguments: Flavour.built)
    func solo5(flavour: Flavour) throws {
        let child = try ChildProcess(
            flavour.path, ["--as", "solo5-hvt", "--mem=4", "--", Host.guest("idle")])
        #expect(try child.waitForOutput("idle"))
        try child.send(signal: SIGTERM)
        let outcome = try child.wait()
        #expect(outcome.status == 1)
        #expect(outcome.error == "solo5-hvt: Exiting on signal 15\n")
    }

    @Test(
        "Other signals do what they always do", arguments: Flavour.built,
        [SIGKILL, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM])
    func unhandled(flavour: Flavour, number: Int32) throws {
        let child = try flavour.start("idle")
        #expect(try child.waitForOutput("idle"))
        try child.send(signal: number)
        let outcome = try child.wait()
        #expect(outcome.signal == number)
        #expect(outcome.error == "")
    }

    @Test("SIGPIPE does nothing", arguments: Flavour.built)
    func pipe(flavour: Flavour) throws {
        let child = try flavour.start("idle")
        #expect(try child.waitForOutput("idle"))
        try child.send(signal: SIGPIPE)
        try child.send(signal: SIGTERM)
        #expect(try child.wait().status == 1)
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
