import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// The modules that look into guests.
extension RuleTests {
    @Test(arguments: Flavour.debugBuilt)
    func dumpcore(flavour: Flavour) throws {
        var use = try RuleUse(of: "dumpcore", flavour)
        try use.run(
            "exit", ["255"], options: ["--dumpcore=."], status: 255,
            adjust: { $0.isDebugged = true })
        // On demand, of guests with one vCPU and with several.
        for (guest, arguments, options) in [
            ("idle", [], []), ("hermit/hostile-v3", ["spin"], ["--cpus=2"]),
        ] {
            try use.run(
                guest, arguments, options: ["--dumpcore=."] + options, status: 1,
                adjust: { $0.isDebugged = true }
            ) { launch in
                try launch.waitForOutput(guest == "idle" ? "idle" : "spinning")
                try launch.send(signal: SIGUSR1)
                try launch.waitForCall("linkat")
                try launch.send(signal: SIGTERM)
            }
        }
        expectFit(use)
    }

    @Test(arguments: Flavour.debugBuilt)
    func trace(flavour: Flavour) throws {
        var use = try RuleUse(of: "trace", flavour)
        for guest in ["hello", "hermit/hello-v3"] {
            try use.run(guest, options: ["--trace=recorded"], adjust: { $0.isDebugged = true })
        }
        // A file that becomes shorter while the guest calls.
        let path = use.directory.path("short")
        try use.run(
            "many-puts", ["lines=3000"], options: ["--trace=short"],
            adjust: { $0.isDebugged = true }
        ) { launch in
            try launch.waitForOutput("\n")
            try attempt { truncate(path, 0) }
        }
        expectFit(use)
    }

    @Test(.needs(Host.missing("gdb")), arguments: Flavour.debugBuilt)
    func gdb(flavour: Flavour) throws {
        var use = try RuleUse(of: "gdb", flavour)
        let path = use.directory.path("socket")
        try use.run(
            "debug", ["spin"], options: ["--gdb=unix:socket"], adjust: { $0.isDebugged = true }
        ) { launch in
            let session = try launch.session(at: path, "debug")
            let first = try session.gdb(
                GdbSession.interruptSoon, "break run_spin", "continue", "continue",
                "set $xmm1.v2_int64[0] = 4", "detach")
            #expect(first.contains("SIGINT"))
            // While the debugger's thread waits for the next one.
            try launch.stopAndContinue()
            let second = try session.gdb("set variable step = 0", "continue")
            #expect(second.contains("exited normally"))
        }
        let other = use.directory.path("other")
        try use.run(
            "hermit/hostile-v3", ["spin"], options: ["--cpus=2", "--gdb=unix:other"], status: 1,
            adjust: { $0.isDebugged = true }
        ) { launch in
            let session = try launch.session(at: other, "hermit/hostile-v3")
            let text = try session.gdb(GdbSession.interruptSoon, "continue", "detach")
            #expect(text.contains("SIGINT"))
            try launch.send(signal: SIGTERM)
        }
        for part in [
            "accept4,", "pwrite64,", "tgkill,", "KVM_SET_GUEST_DEBUG", "KVM_GET_XSAVE",
            "KVM_SET_XSAVE",
        ] {
            #expect(use.used.contains { $0.contains(part) }, "\(part) \(use.used)")
        }
        expectFit(
            use,
            excuses: Self.contendedLocks.merging(
                ["brk": "what is reserved of the heap does for any session that was tried"]
            ) { first, _ in first })
    }
}
