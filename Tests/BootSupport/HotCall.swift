import TestSupport
import Testing

/// A hypercall that a benchmark guest makes as often as it is told to, and nothing else meanwhile.
struct HotCall: Sendable, CustomTestStringConvertible {
    let guest: String
    let kind: String
    /// What it takes besides entering the guest again.
    let systemCall: String?
    var options: [String] = []
    var taps = 0

    static let withoutNetwork = [
        HotCall(guest: "bench-hypercall", kind: "walltime", systemCall: nil),
        HotCall(guest: "bench-hypercall", kind: "puts-nothing", systemCall: nil),
        HotCall(guest: "bench-hypercall", kind: "puts-byte", systemCall: "write"),
        // Not to wait at all takes none.
        HotCall(guest: "bench-hypercall", kind: "poll", systemCall: nil),
        HotCall(
            guest: "bench-block", kind: "read", systemCall: "pread64",
            options: ["--block:storage=disk"]),
        HotCall(
            guest: "bench-block", kind: "write", systemCall: "pwrite64",
            options: ["--block:storage=disk"]),
    ]

    static let withTaps = [
        ("read", "read"), ("write", "write"), ("ring-read", "read"), ("ring-write", "write"),
    ].map { kind, systemCall in
        HotCall(
            guest: "bench-net", kind: kind, systemCall: systemCall,
            options: ["--net:service=tap0", "--net-ring=sync"], taps: 1)
    }

    /// Which a worker serves while the guest goes on, if a second CPU is there.
    static let withWorker = HotCall(
        guest: "bench-net", kind: "ring-read", systemCall: "read", options: ["--net:service=tap0"],
        taps: 1)

    var testDescription: String { "\(guest) \(kind)" }

    /// Runs a tender with this many calls, under another program that watches it. Numbers to compare
    /// should have as many digits, since a longer command line takes more memory.
    ///
    /// - Parameters:
    ///   - watch: the other program, with all arguments that precede the tender.
    ///   - afterwards: a shell command whose output matters, too.
    /// - Returns: what was printed, by whomever.
    func run(_ tender: String, count: Int, under watch: String, afterwards: String = ":") throws
        -> String
    {
        let directory = try TemporaryDirectory()
        let words = [tender, "run"] + options + [Host.guest(guest), kind, "count=\(count)"]
        let script =
            ([BootRun.definitions, #"cd "$WORK""#, "truncate -s 1M disk"]
            + (0..<taps).map { "tap \($0)" }
            + ["\(watch) \(Shell.quoted(words)) </dev/null", afterwards])
            .joined(separator: "\n")
        let outcome = try Shell.run(
            taps > 0 ? Namespace.command(script) : script,
            environment: ["WORK": directory.path])
        try #require(outcome.output.contains("SUCCESS\n"), "\(outcome.output)\(outcome.error)")
        return outcome.output
    }
}
