import Architecture
import Tender

/// The commands that gdb's `monitor` sends (packet `qRcmd`).
enum MonitorCommand {
    private static let help = """
        monitor exits   how often each vCPU left the guest, and for what
        monitor regs    general and system registers of the vCPU that is selected
        monitor help    this text

        """

    /// - Parameter command: the text after `monitor`, as any bytes.
    /// - Returns: the text for gdb to print.
    static func run(
        _ command: [UInt8], _ target: Target, _ cpu: Int, _ facts: LaunchFacts
    ) -> String {
        switch String(decoding: command, as: UTF8.self) {
        case "exits": exits(target, facts)
        case "regs": registers(target, cpu)
        case "help", "": help
        default: "There is no such command.\n\(help)"
        }
    }

    private static func exits(_ target: Target, _ facts: LaunchFacts) -> String {
        var text = ""
        for cpu in target.cpus.indices {
            let counters = target.control.counters(cpu)
            text += "vCPU \(cpu):\n"
            let calls = counters.callNumbers.enumerated().sorted { $0.element < $1.element }
            for (call, number) in calls where counters[call: call] > 0 {
                text += row(facts.name(ofCall: number), counters[call: call])
            }
            text += row("no hypercall", ExitKind.allCases.reduce(0) { $0 + counters[$1] })
        }
        return text
    }

    private static func row(_ name: String, _ count: UInt64) -> String {
        let count = "\(count)"
        return "  \(name)" + spaces(40 - name.utf8.count - count.utf8.count) + " \(count)\n"
    }

    private static func registers(_ target: Target, _ cpu: Int) -> String {
        guard let registers = try? target.registers(of: cpu) else {
            return "The registers of vCPU \(cpu) can't be read.\n"
        }
        var text = "vCPU \(cpu):\n"
        for row in RegisterFile.groups {
            for (index, (name, number)) in row.enumerated() {
                let bytes = (registers.bytes(of: number) ?? []).reversed()
                let digits = String(decoding: Hex.digits(bytes), as: UTF8.self)
                let isLast = index % 4 == 3 || index == row.count - 1
                text += spaces(8 - name.utf8.count) + "\(name) \(digits)" + (isLast ? "\n" : "")
            }
        }
        return text
    }
}
