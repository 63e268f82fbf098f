import CLinux
import Linux
import Tender

/// The program passt (passt(1)), started for one guest: it forwards the guest's connections by
/// sockets of its own, so neither it nor the tender needs privileges.
///
/// The two ends of a socket pair connect it with the tender. When the tender's end is closed,
/// whatever ends the tender, passt ends as well (`--one-off`).
enum Passt {
    private static let name = "passt"
    private static let newline: UInt8 = 0x0A

    static func isMeant(by option: OptionValue) -> Bool {
        option.value == name || option.value.utf8.starts(with: "\(name),".utf8)
    }

    static func attach(
        _ option: OptionValue, warn: @escaping @Sendable (String) -> Void
    ) throws(ModuleError) -> NetworkBackend {
        let options = try PasstOptions(SubOptions(option))
        var other = FileDescriptor.closed()
        let own = try attaching(option) { () throws(Errno) in try UnixSocket.pair(with: &other) }
        // It returns when passt has opened all its ports, and goes on in the background.
        let result = try attaching(option, hint: hint) { () throws(Errno) in
            try Program.run(
                [name] + options.arguments + ["--fd", "\(Program.passedNumber)"],
                passing: other.number)
        }
        guard result.status == 0 else {
            throw .notAttached(
                option, "passt has ended with status \(result.status): \(summary(result))")
        }
        return NetworkBackend(own, mtu: options.mtu, peer: Peer(option.text, warn: warn))
    }

    private static func hint(_ cause: Errno) -> String? {
        switch cause.code {
        case ENOENT: "passt is not installed, or not in PATH: apt install passt"
        default: nil
        }
    }

    /// What passt said, without what is said of the log that containers lack.
    private static func summary(_ result: Program.Result) -> String {
        let lines = result.messages.utf8.split(separator: newline).filter {
            !$0.starts(with: "Failed to send".utf8) && !$0.starts(with: "Don't run as root".utf8)
        }
        guard !lines.contains(where: { $0.starts(with: "Usage:".utf8) }) else {
            return "it is older than 2022-11-16, and has no option --fd"
        }
        return lines.isEmpty
            ? "it gave no reason"
            : printable(lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "; "))
    }
}
