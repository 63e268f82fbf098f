import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Guests under the real gdb, always in the sandbox.
///
/// Where KVM emulates what guests do in ring 0, processors' watchpoints are not looked at there, so
/// that unit tests alone are about those.
@Suite("Debugger", .boots, .needs(Host.missing("gdb"))) struct GdbTests {
    @Test(
        "Breakpoints, steps, a backtrace, and a variable that is changed",
        arguments: Flavour.debugBuilt, [GdbSession.Way.path, .port])
    func session(flavour: Flavour, way: GdbSession.Way) throws {
        let session = try GdbSession(flavour, "debug", ["count"], by: way)
        let output = try session.gdb(
            "break add", "continue", "backtrace", "finish", "next", "stepi", "delete",
            "set variable step = 100", "print step", "hbreak success", "continue", "backtrace 1",
            "continue")
        #expect(output.contains(/Breakpoint 1, add \(left=0, right=1\) at .*debug\.c:[0-9]+/))
        #expect(output.contains(/#1 .* in run_count \(rounds=10\) at .*debug\.c/))
        #expect(output.contains(/#3 .* in guest_main \(cmdline=.* "count"\)/))
        #expect(output.contains("Value returned is $1 = 1"))
        #expect(output.contains("$2 = 100"))
        #expect(output.contains(/Breakpoint 2, .* in success \(\)/))
        #expect(output.contains("exited normally"))
        let outcome = try session.tender.wait()
        #expect(outcome.status == 0)
        #expect(outcome.output == "case count\ntotal 901\nSUCCESS\n")
    }

    @Test("Every register", arguments: Flavour.debugBuilt)
    func registers(flavour: Flavour) throws {
        let session = try GdbSession(flavour, "debug", ["ring3"])
        let output = try session.gdb(
            "set $r12 = 0x1212121212121212", "set $r15 = 15", "set $fs_base = 0x123400",
            "set $gs_base = 0x567800", "set $xmm5.v2_int64[1] = 0x77", "set $st3 = 1.5",
            "set $eflags = $eflags | 1", "set $mxcsr = 0x1fa0", "maintenance flush register-cache",
            "print/x $r12",
            "print $r15",
            "print/x $fs_base", "print/x $gs_base", "print/x $xmm5.v2_int64[1]", "print $st3",
            "print $eflags", "print/x $mxcsr", "print/x $cr0 & 0x80000001", "print $cr3",
            "print $rip",
            "info all-registers", "set $cr3 = 0")
        let expected = [
            "0x1212121212121212", "15", "0x123400", "0x567800", "0x77", "1.5", "[ CF ]",
            "0x1fa0", "0x80000001", "8192",
        ]
        for (index, value) in expected.enumerated() {
            #expect(output.contains("$\(index + 1) = \(value)\n"), "\(output)")
        }
        #expect(output.contains(/\$11 = \(void \(\*\)\(\)\) 0x[0-9a-f]+ <guest_start>/))
        #expect(output.contains("Could not write register \"cr3\""))
        try session.end()
    }

    @Test("A variable is watched step by step", arguments: Flavour.debugBuilt)
    func softwareWatchpoint(flavour: Flavour) throws {
        let session = try GdbSession(flavour, "debug", ["count"])
        let output = try session.gdb(
            "set can-use-hw-watchpoints 0", "break run_count", "continue", "watch total",
            "continue", "continue")
        #expect(output.contains("Old value = 0\nNew value = 1\n"))
        #expect(output.contains("Old value = 1\nNew value = 2\n"))
        try session.end()
    }

    @Test("A guest that spins is interrupted, and ends by a change", arguments: Flavour.debugBuilt)
    func interrupt(flavour: Flavour) throws {
        let session = try GdbSession(flavour, "debug", ["spin"])
        let output = try session.gdb(
            "break run_spin", "continue", "delete", GdbSession.interruptSoon, "continue",
            "backtrace", "print spins > 0", "set variable step = 0", "continue")
        #expect(output.contains("Program received signal SIGINT"))
        #expect(output.contains("in guest_main"))
        #expect(output.contains("$1 = 1"))
        #expect(try session.tender.wait().status == 0)
    }

    @Test("A guest that waits in a hypercall", arguments: Flavour.debugBuilt)
    func hypercall(flavour: Flavour) throws {
        let session = try GdbSession(flavour, "debug", ["wait"])
        let output = try session.gdb(
            GdbSession.interruptSoon, "continue", "info threads", "backtrace", "monitor exits",
            "monitor regs", "monitor nonsense", "kill")
        #expect(output.contains("Thread 1 (vCPU 0, in a hypercall)"))
        #expect(output.contains("in run_wait"))
        #expect(output.contains(/POLL +1\n/))
        #expect(output.contains(/rsp [0-9a-f]{16}/))
        #expect(output.contains("There is no such command."))
        #expect(output.contains("killed"))
        let outcome = try session.tender.wait()
        #expect(outcome.status == 1)
        #expect(outcome.error.contains("Killed by the debugger."))
    }

    @Test(
        "A Hermit guest that waits in a hypercall is killed, and nothing is left",
        arguments: Flavour.debugBuilt)
    func hermitHypercall(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("socket")
        let temporary = try directory.makeDirectory("temporary")
        let tender = try ChildProcess(
            flavour.debugPath,
            [
                "run", "--gdb=unix:\(path)", "--temporary-directory=\(temporary)",
                Host.guest("hermit/stdin-v3"),
            ], input: .pipe)
        let session = try GdbSession(tender, at: path, "hermit/stdin-v3")
        let output = try session.gdb(
            GdbSession.interruptSoon, "continue", "info threads", "kill")
        #expect(output.contains("in a hypercall"), "\(output)")
        let outcome = try tender.wait()
        #expect(!outcome.timedOut && outcome.status == 1)
        #expect(outcome.error.contains("Killed by the debugger."))
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
    }

    @Test("Detached, lost, and connected again", arguments: Flavour.debugBuilt)
    func reconnection(flavour: Flavour) throws {
        let session = try GdbSession(flavour, "debug", ["spin"])
        let first = try session.gdb("break run_spin", "continue", "detach")
        #expect(first.contains("Breakpoint 1, run_spin"))
        #expect(try session.tender.waitForOutput("The debugger has left. The guest runs on."))
        #expect(try session.tender.waitForOutput("spinning"))
        // A debugger that ends without a word.
        let second = try session.gdb("backtrace", "print step", "disconnect")
        #expect(second.contains("in guest_main"))
        #expect(try session.tender.waitForOutput("The guest waits for another one."))
        let third = try session.gdb("set variable step = 0", "continue")
        #expect(third.contains("exited normally"))
        #expect(try session.tender.wait().status == 0)
    }

    @Test("A fault is shown at its place", arguments: Flavour.debugBuilt)
    func fault(flavour: Flavour) throws {
        let session = try GdbSession(flavour, "debug", ["crash"])
        let output = try session.gdb("continue", "backtrace", "print/x $cr2", "continue")
        #expect(output.contains("Program received signal SIGSEGV"))
        #expect(output.contains(/#0 .* in run_crash \(address=[0-9]+\) at .*debug\.c/))
        #expect(output.contains("$1 = 0x7000000000"))
        #expect(output.contains("Program terminated with signal SIGSEGV"))
        let outcome = try session.tender.wait()
        #expect(outcome.status == 1)
        #expect(outcome.error.contains("triple fault"))
    }

    @Test("A bad hypercall is shown at its place", arguments: Flavour.debugBuilt)
    func badHypercall(flavour: Flavour) throws {
        let session = try GdbSession(flavour, "hostile", ["puts-huge"])
        let output = try session.gdb("continue", "backtrace", "continue")
        #expect(output.contains("Program received signal SIGSYS"))
        #expect(output.contains("in run_puts_length ()"))
        #expect(try session.tender.wait().status == 1)
    }

    @Test("vCPUs are threads, and symbols are where the image is", arguments: Flavour.debugBuilt)
    func hermit(flavour: Flavour) throws {
        let session = try GdbSession(flavour, "hermit/smp-v3", options: ["--cpus=2"])
        let output = try session.gdb(
            "info threads", "break run", "continue", "info threads", "backtrace", "delete",
            "thread apply all print $rsp != 0", "stepi", "monitor exits", "continue")
        #expect(output.contains(/Thread 1 \(vCPU 0.*\) .* in _start \(\)/))
        #expect(output.contains(/Thread 2 \(vCPU 1.*\) .* in _start \(\)/))
        #expect(output.contains(/Thread 2 hit Breakpoint 1, .* in run \(\)/))
        #expect(output.contains("in cpu_enter ()"))
        #expect(output.contains("exited normally"))
        let outcome = try session.tender.wait()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("counted 1000\nSUCCESS\n"))
    }

    @Test("As solo5-hvt-debug and as uhyve", arguments: Flavour.debugBuilt)
    func personalities(flavour: Flavour) throws {
        for (arguments, guest) in [
            (["--as", "solo5-hvt-debug", "--gdb", "--gdb-port=0"], "hello"),
            (["--as", "uhyve", "--gdb-port=0"], "hermit/hello-v3"),
        ] {
            let tender = try ChildProcess(flavour.debugPath, arguments + [Host.guest(guest)])
            let session = try GdbSession(tender, guest)
            let output = try session.gdb("break guest_main", "continue", "continue")
            #expect(output.contains("in guest_main ()"))
            #expect(output.contains("exited normally"))
            #expect(try tender.wait().status == 0)
        }
    }

    @Test("The reference's options", arguments: Flavour.debugBuilt)
    func options(flavour: Flavour) throws {
        func run(_ options: String...) throws -> ChildProcess.Outcome {
            try ChildProcess.run(
                flavour.debugPath, ["--as", "solo5-hvt-debug"] + options + [Host.guest("hello")])
        }
        // A port alone wants no debugger; `pinnace` itself asks whether that is meant.
        #expect(try run("--gdb-port=4321").status == 0)
        let native = try flavour.runDebug("hello", options: ["--gdb-port=4321"])
        #expect(native.status == 1)
        #expect(
            native.error
                == "pinnace: option --gdb-port=4321: there is no debugger to wait for (add --gdb)\n"
        )
        for port in ["65536", "-1", "x", "1x"] {
            let outcome = try run("--gdb-port=\(port)")
            #expect(outcome.status == 1)
            #expect(outcome.error.contains("Malformed argument to --gdb-port"))
        }
        #expect(try run("--gdb=unix:/tmp/x").error.contains("Invalid option"))
        let plain = try ChildProcess.run(
            flavour.debugPath, ["--as", "solo5-hvt", "--gdb", Host.guest("hello")])
        #expect(plain.error.contains("Invalid option: `--gdb'"))
    }

    @Test(
        "Only this user reaches the socket, and one that was left is replaced",
        arguments: Flavour.debugBuilt)
    func socket(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("socket")
        func start() throws -> ChildProcess {
            let child = try ChildProcess(
                flavour.debugPath, ["run", "--gdb=unix:\(path)", Host.guest("hello")])
            #expect(try child.waitForOutput("Waiting for a debugger"))
            return child
        }
        let first = try start()
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(attributes[.type] as? FileAttributeType == .typeSocket)
        let refused = try ChildProcess.run(
            flavour.debugPath, ["run", "--gdb=unix:\(path)", Host.guest("hello")])
        #expect(refused.status == 1)
        #expect(refused.error.contains("Could not listen on \(path): Address already in use"))
        try first.send(signal: SIGTERM)
        #expect(try first.wait().status == 1)
        let second = try start()
        try second.send(signal: SIGTERM)
        _ = try second.wait()
        // What is no socket stays.
        try FileManager.default.removeItem(atPath: path)
        try directory.write([1], to: "socket")
        let kept = try ChildProcess.run(
            flavour.debugPath, ["run", "--gdb=unix:\(path)", Host.guest("hello")])
        #expect(kept.status == 1)
        #expect(try directory.read("socket") == [1])
    }

    @Test("A port is this machine's alone", arguments: Flavour.debugBuilt)
    func loopback(flavour: Flavour) throws {
        let session = try GdbSession(flavour, "hello", by: .port)
        let port = try #require(UInt16(session.place.split(separator: ":")[1]))
        let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
        let digits = String(port, radix: 16, uppercase: true)
        let place = ":" + String(repeating: "0", count: 4 - digits.count) + digits
        let sockets = table.split(separator: "\n").compactMap { line -> String? in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[3] == "0A" ? String(fields[1]) : nil
        }
        #expect(sockets.filter { $0.hasSuffix(place) } == ["0100007F" + place])
        try session.end()
    }
}

extension GdbSession {
    /// Ends a tender whose guest is of no more interest.
    fileprivate func end() throws {
        try tender.send(signal: SIGKILL)
        _ = try tender.wait()
    }
}
