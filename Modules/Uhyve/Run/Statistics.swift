import Linux
import Tender

extension ExitCounters {
    /// Counters for a vCPU of a Hermit guest.
    convenience init() { self.init(callNumbers: Call.allCases.map { $0.port }) }

    @inline(__always)
    func count(_ call: Call) { count(call: Int(call.rawValue)) }

    subscript(call: Call) -> UInt64 { self[call: Int(call.rawValue)] }
}

/// The report of `--stats`, in the format of `uhyve`.
enum Statistics {
    /// The exit kinds, named as in uhyve's report.
    private static let exits: [(kind: ExitKind, name: String)] = [
        (.portRead, "PCIRead"), (.portWrite, "PCIWrite"), (.memoryRead, "MMIORead"),
        (.memoryWrite, "MMIOWrite"), (.halt, "Hlt"), (.interrupted, "Interrupted"),
        (.other, "Other"),
    ]

    /// Formats the report.
    ///
    /// - Parameter lostOutput: how much of the guest's output did not reach the console, in bytes.
    static func text(_ vcpus: [ExitCounters], lostOutput: UInt64 = 0) -> String {
        var rows: [[String]] = [["", "total"] + vcpus.indices.map { "cpu \($0)" }]
        func add(_ name: String, _ counts: [UInt64]) {
            let total = counts.reduce(0, &+)
            guard total > 0 else { return }
            rows.append([name, String(total)] + counts.map { String($0) })
        }
        for (kind, name) in exits { add(name, vcpus.map { $0[kind] }) }
        for call in Call.allCases {
            let version = call.isArgumentInRegister ? "V2" : "V1"
            add("Hypercall(\(version)(\(call.specification.name)))", vcpus.map { $0[call] })
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
