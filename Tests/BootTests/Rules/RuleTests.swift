import Foundation
import TestSupport
import Testing

/// Whether each module's rules are what its hypercalls take, in the sandbox: no call that a tender
/// makes is missing, and no rule is there that nothing needs.
@Suite("Rules fit", .boots, .needs(Host.missing("strace"))) struct RuleTests {
    /// Calls that are not made everywhere, and why they are allowed. `ClockTests` has them made, but
    /// for that of a full console, which reads the clock as POLL does.
    static let excuses = [
        "clock_gettime": "where the kernel's vDSO reads the clock, it takes no system call"
    ]

    /// Nothing superfluous but what is excused.
    ///
    /// - Parameter excuses: further ones.
    private func expectFit(
        _ use: RuleUse, excuses: [String: String] = [:],
        at location: SourceLocation = #_sourceLocation
    ) {
        let names = Set(Self.excuses.keys).union(excuses.keys)
        let superfluous = use.superfluous.filter { rule in
            !names.contains { rule == $0 || rule.hasPrefix("\($0),") }
        }
        #expect(superfluous == [], "no path of \(use.owner) needs these", sourceLocation: location)
    }

    @Test(arguments: Flavour.built)
    func core(flavour: Flavour) throws {
        var use = try RuleUse(of: "core", flavour)
        try use.run("hello")
        try use.run("hostile", ["port-in"], status: 1)
        try use.run(
            "idle", status: 1,
            meanwhile: { launch in
                try launch.waitForCall("clock_nanosleep")
                try launch.send(signal: SIGTERM)
            })
        try use.run("hermit/hostile-v1-dyn", ["triple-fault"], status: 1)
        expectFit(use)
    }

    @Test(arguments: Flavour.built)
    func walltime(flavour: Flavour) throws {
        var use = try RuleUse(of: "walltime", flavour)
        try use.run("time", ["sleep=1000"])
        expectFit(use)
    }

    @Test(arguments: Flavour.built)
    func puts(flavour: Flavour) throws {
        var use = try RuleUse(of: "puts", flavour)
        try use.run("hello")
        try use.run("hello", adjust: { $0.output = try Self.socket().output })
        for console in [try Self.pipe(), try Self.socket()] {
            try runFull(console, "many-puts", ["lines=20"], &use)
        }
        expectFit(use)
    }

    @Test(arguments: Flavour.built)
    func halt(flavour: Flavour) throws {
        var use = try RuleUse(of: "halt", flavour)
        try use.run("exit", ["7"], status: 7)
        expectFit(use)
    }

    @Test(arguments: Flavour.built)
    func block(flavour: Flavour) throws {
        var use = try RuleUse(of: "block", flavour, preparation: ["truncate -s 1M disk"])
        try use.run("block", options: ["--block:storage=disk"])
        try use.run("block-readonly", options: ["--block-ro:storage=disk"])
        expectFit(use)
    }

    @Test(arguments: Flavour.built)
    func poll(flavour: Flavour) throws {
        var use = try RuleUse(of: "poll", flavour)
        try use.run("poll")
        try use.run(
            "idle", status: 1,
            meanwhile: { launch in
                try launch.waitForCall("clock_nanosleep")
                try launch.stopAndContinue()
                try launch.waitForCall("restart_syscall")
                try launch.send(signal: SIGTERM)
            })
        let frame = [UInt8](repeating: 0xFF, count: 60)
        let arguments = ["count=1000"]
        let options = ["--net:service=@9"]

        // A network whose other end is closed.
        var wire: (Descriptor, Descriptor?) = try Descriptor.socketPair(SOCK_SEQPACKET)
        try use.run(
            "net-poll", arguments, options: options, status: 1,
            adjust: { [number = wire.0.number] in $0.inherited = [9: number] }
        ) { launch in
            try launch.waitForCall("ppoll")
            try wire.1?.write(frame)
            try launch.waitForCall("ppoll", count: 3)
            wire.1 = nil
            try launch.waitForCall("recvfrom")
            try launch.send(signal: SIGTERM)
        }

        // One that nobody can wait for any more.
        wire = try Descriptor.socketPair(SOCK_SEQPACKET)
        try use.run(
            "net-poll", arguments, options: options, status: 1,
            adjust: { [number = wire.0.number] in $0.inherited = [9: number] }
        ) { launch in
            try launch.waitForCall("ppoll")
            try launch.forbidDescriptors()
            try wire.1?.write(frame)
            // The first is for no time at all.
            try launch.waitForCall("clock_nanosleep", count: 2)
            try launch.stopAndContinue()
            try launch.waitForCall("restart_syscall")
            try launch.send(signal: SIGTERM)
        }
        expectFit(use)
    }

    @Test(arguments: Flavour.built)
    func net(flavour: Flavour) throws {
        var use = try RuleUse(of: "net", flavour)
        let (near, far) = try Descriptor.socketPair(SOCK_SEQPACKET)
        for direction in ["read", "write"] {
            try use.run(
                "bench-net", [direction, "count=10"], options: ["--net:service=@9"],
                adjust: { $0.inherited = [9: near.number] })
        }
        expectFit(use)
        withExtendedLifetime(far) {}
    }

    @Test("net(flavour:), with a tap", .usesTaps, arguments: Flavour.built)
    func tap(flavour: Flavour) throws {
        let namespace = try Namespace()
        var use = try RuleUse(of: "net", flavour)
        for direction in ["read", "write"] {
            try use.run(
                "bench-net", [direction, "count=10"], options: ["--net:service=tap0"],
                adjust: { $0.namespace = namespace })
        }
        expectFit(use)
    }

    @Test(arguments: Flavour.built)
    func uhyve(flavour: Flavour) throws {
        var use = try RuleUse(
            of: "uhyve", flavour,
            preparation: BootCase.hermitDirectories
                + BootCase.archive(of: "files-v3", files: ["basket/fruit": "apple"])
                + ["mkdir temporary"])
        try use.run("hermit/hello-v3")
        try use.run("hermit/smp-v3", options: ["--cpus=4"])
        try use.run("hermit/stdin-v3")
        try files(&use)
        try consoles(&use)
        // All calls of each version.
        for version in ["v1-dyn", "v3"] {
            try use.run(
                "hermit/hostile-\(version)", ["all"],
                options: ["--cpus=2", "--file-mapping=dir:/root"])
        }
        try ends(&use)
        try network(&use)
        expectFit(use)
    }

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
        expectFit(
            use,
            excuses: [
                "brk": "what is reserved of the heap does for any session that was tried",
                "gettid": "the language's runtime makes it where two threads meet at a lock of its",
            ])
    }

    private func files(_ use: inout RuleUse) throws {
        for guest in ["hermit/files-v1-dyn", "hermit/files-v3"] {
            try use.run(guest, ["all"], options: ["--file-mapping=dir:/root"])
            try use.run(guest, ["elsewhere"], options: ["--temporary-directory=temporary"])
        }
        try use.run(
            "hermit/hostile-v3", ["temporary-paths"],
            options: ["--temporary-directory=temporary"])
        try use.run("./image", ["cat", "path=fruit", "dir=/basket"])
    }

    private func consoles(_ use: inout RuleUse) throws {
        try use.run("hermit/hello-v3", adjust: { $0.output = try Self.socket().output })
        try runFull(try Self.pipe(), "hermit/hello-v3", [], &use)
    }

    private func ends(_ use: inout RuleUse) throws {
        try use.run("hermit/hostile-v3", ["triple-fault"], status: 1)
        try use.run(
            "hermit/hostile-v3", ["sleep"], options: ["--cpus=2"], status: 1,
            meanwhile: { launch in
                try launch.waitForOutput("sleeping")
                try launch.send(signal: SIGTERM)
            })
        // The statistics wait for somebody to read them, and the vCPUs for the process to end.
        let console = try Self.pipe()
        _ = try console.writer.fill()
        try use.run(
            "hermit/smp-v3", options: ["--cpus=2", "--output=none", "--stats"],
            adjust: { $0.output = console.output }
        ) { launch in
            try launch.waitForCall("pause", count: 2)
            try console.reader.setBlocking(false)
            _ = try console.reader.readAll()
        }
    }

    private func network(_ use: inout RuleUse) throws {
        let (near, far) = try Descriptor.socketPair(SOCK_SEQPACKET)
        try use.run(
            "hermit/net-echo-v3", ["10.0.0.2"], options: ["--net=@9"], status: 1,
            adjust: { $0.inherited = [9: near.number] }
        ) { launch in
            try launch.waitForOutput("serving")
            try launch.stopAndContinue()
            try far.write([UInt8](repeating: 0xFF, count: 60))
            // The frame, and that there is none.
            try launch.waitForCall("read", on: 9, count: 2)
            try launch.send(signal: SIGTERM)
        }
    }

    // MARK: Consoles

    /// Standard output of a guest, and the end at which it is read.
    private struct Console {
        let reader: Descriptor
        let writer: Descriptor
        let output: LaunchPlan.Output

        init(_ make: @escaping () throws -> (reader: Descriptor, writer: Descriptor)) throws {
            (reader, writer) = try make()
            output = LaunchPlan.Output(descriptor: writer, another: make)
        }
    }

    private static func pipe() throws -> Console { try Console { try Descriptor.pipe() } }

    private static func socket() throws -> Console {
        try Console {
            let (reader, writer) = try Descriptor.socketPair(SOCK_STREAM)
            return (reader, writer)
        }
    }

    /// Runs a guest whose console is full, until it waits, is stopped meanwhile, and is read.
    private func runFull(
        _ console: Console, _ guest: String, _ arguments: [String], _ use: inout RuleUse
    ) throws {
        _ = try console.writer.fill()
        try use.run(guest, arguments, adjust: { $0.output = console.output }) { launch in
            let count = launch.trace.calls.count { $0.name == "ppoll" }
            try launch.waitForCall("ppoll", count: count + 1)
            try launch.stopAndContinue()
            try launch.waitForCall("ppoll", count: count + 2)
            try console.reader.setBlocking(false)
            var text = ""
            try eventually("SUCCESS") {
                text += String(decoding: try console.reader.read(upTo: 65536), as: UTF8.self)
                return text.hasSuffix("SUCCESS\n")
            }
        }
    }
}
