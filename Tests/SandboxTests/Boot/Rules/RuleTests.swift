import CLinux
import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Whether each module's rules are what its hypercalls take, in the sandbox: no call that a tender
/// makes is missing, and no rule is there that nothing needs.
@Suite("Rules fit", .boots, .needs(Host.missing("strace"))) struct RuleTests {
    /// Calls that are not made everywhere, and why they are allowed. `ClockTests` has them made, but
    /// for that of a full console, which reads the clock as POLL does.
    static let excuses = [
        "clock_gettime": "where the kernel's vDSO reads the clock, it takes no system call"
    ]

    /// Of launches with several threads.
    static let contendedLocks = [
        "gettid": "the language's runtime makes it where two threads meet at a lock of its"
    ]

    /// Nothing superfluous but what is excused.
    ///
    /// - Parameter excuses: further ones.
    func expectFit(
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
        try use.run(
            "idle", status: nil,
            meanwhile: { launch in
                try launch.waitForCall("clock_nanosleep")
                try launch.send(signal: SIGINT)
            })
        // Standard error that is full, and that is a socket.
        let console = try Self.pipe()
        _ = try console.writer.fill()
        try use.run(
            "idle", status: 1,
            adjust: {
                $0.output = console.output
                $0.mergesStreams = true
            },
            meanwhile: { launch in
                try launch.waitForCall("ppoll")
                try launch.send(signal: SIGTERM)
            })
        try use.run(
            "hostile", ["port-in"], status: 1,
            adjust: {
                $0.output = try Self.socket().output
                $0.mergesStreams = true
            })
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
            try launch.waitForCall("clock_nanosleep")
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
        for direction in ["read", "write", "ring-read"] {
            try use.run(
                "bench-net", [direction, "count=10"], options: ["--net:service=@9"],
                adjust: { $0.inherited = [9: near.number] })
        }
        // With a second CPU, the ring is handed over and back.
        try use.run(
            "net-ring", ["service=10.0.0.2"], options: ["--net:service=@9"], status: 1,
            adjust: { $0.inherited = [9: near.number] }
        ) { launch in
            try launch.waitForCall("ppoll")
            for _ in 0..<200 {
                try far.write([UInt8](repeating: 0xFF, count: 60))
                usleep(1000)
            }
            try launch.send(signal: SIGTERM)
        }
        expectFit(use, excuses: Self.contendedLocks)
    }

    @Test("net(flavour:), with a tap", .usesTaps, arguments: Flavour.built)
    func tap(flavour: Flavour) throws {
        let namespace = try Namespace()
        var use = try RuleUse(of: "net", flavour)
        for direction in ["read", "write"] {
            try use.run(
                "bench-net", [direction, "count=10"],
                options: ["--net:service=tap0", "--net-ring=sync"],
                adjust: { $0.namespace = namespace })
        }
        // What it leaves with the tap goes when the timer interrupts it.
        try use.run(
            "net-queue", ["count=3", "then=spin"], options: ["--net:service=tap0"], status: 1,
            adjust: { $0.namespace = namespace }
        ) { launch in
            try launch.waitForCall("rt_sigreturn")
            try launch.send(signal: SIGTERM)
        }
        expectFit(use)
    }

    // MARK: Consoles

    /// Standard output of a guest, and the end at which it is read.
    struct Console {
        let reader: Descriptor
        let writer: Descriptor
        let output: LaunchPlan.Output

        init(_ make: @escaping () throws -> (reader: Descriptor, writer: Descriptor)) throws {
            (reader, writer) = try make()
            output = LaunchPlan.Output(descriptor: writer, another: make)
        }
    }

    static func pipe() throws -> Console { try Console { try Descriptor.pipe() } }

    static func socket() throws -> Console {
        try Console {
            let (reader, writer) = try Descriptor.socketPair(SOCK_STREAM)
            return (reader, writer)
        }
    }

    /// Runs a guest whose console is full, until it waits, is stopped meanwhile, and is read.
    func runFull(
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
