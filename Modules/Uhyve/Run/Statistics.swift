import Linux
import Tender

/// What a vCPU stops for besides hypercalls.
enum ExitKind: Int, CaseIterable {
    case portRead, portWrite, memoryRead, memoryWrite, halt, interrupted, other

    var name: String {
        switch self {
        case .portRead: "PCIRead"
        case .portWrite: "PCIWrite"
        case .memoryRead: "MMIORead"
        case .memoryWrite: "MMIOWrite"
        case .halt: "Hlt"
        case .interrupted: "Interrupted"
        case .other: "Other"
        }
    }
}

/// How often a vCPU stopped for what. Its own thread counts; others look when it has ended, or get
/// numbers that are a little old.
final class ExitCounters: @unchecked Sendable {
    private var exits = [UInt64](repeating: 0, count: ExitKind.allCases.count)
    private var calls = [UInt64](repeating: 0, count: Call.allCases.count)
    /// In nanoseconds of the monotonic clock; 0 for not yet.
    var start: UInt64 = 0
    var end: UInt64 = 0

    @inline(__always)
    func count(_ call: Call) { calls[Int(call.rawValue)] &+= 1 }

    @inline(__always)
    func count(_ kind: ExitKind) { exits[kind.rawValue] &+= 1 }

    subscript(call: Call) -> UInt64 { calls[Int(call.rawValue)] }
    subscript(kind: ExitKind) -> UInt64 { exits[kind.rawValue] }

    /// How long it ran, in nanoseconds.
    var duration: UInt64 { start == 0 ? 0 : (end == 0 ? Clock.monotonic : end) &- start }
}

/// The report of `--stats` (spec 13).
enum Statistics {
    ///
    /// - Parameter lostOutput: how much of the guest's did not reach the console, in bytes.
    static func text(_ vcpus: [ExitCounters], lostOutput: UInt64 = 0) -> String {
        var rows: [[String]] = [["", "total"] + vcpus.indices.map { "cpu \($0)" }]
        func add(_ name: String, _ counts: [UInt64]) {
            let total = counts.reduce(0, &+)
            guard total > 0 else { return }
            rows.append([name, String(total)] + counts.map { String($0) })
        }
        for kind in ExitKind.allCases { add(kind.name, vcpus.map { $0[kind] }) }
        for call in Call.allCases {
            let version = call.isArgumentInRegister ? "V2" : "V1"
            add("Hypercall(\(version)(\(call.facts.name)))", vcpus.map { $0[call] })
        }
        var text =
            "\nRun statistics:\nVM exits:\n" + textTable(rows, indentation: 2)
            + "CPU runtimes:\n"
        for (index, vcpu) in vcpus.enumerated() {
            let microseconds = vcpu.duration / 1000
            let fraction = String(microseconds % 1_000_000)
            let zeros = String(repeating: "0", count: 6 - fraction.utf8.count)
            text += "cpu \(index): \(microseconds / 1_000_000).\(zeros)\(fraction)s\n"
        }
        if lostOutput > 0 { text += "lost console output: \(lostOutput) bytes\n" }
        return text
    }
}
