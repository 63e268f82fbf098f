import Foundation

/// What `strace -f -X raw -e raw=all` wrote about a tender.
struct SystemCallTrace {
    /// The tender's process.
    let process: pid_t?
    /// What its threads did once its filter was there, in order.
    let calls: [RawCall]
    /// How often it was stopped by SIGSTOP.
    let stopCount: Int
    let hasEnded: Bool

    /// - Parameter text: may end in the middle of a line.
    init(_ text: String) {
        let lines = text.split(separator: "\n")
        process = lines.first?.split(separator: " ").first.flatMap { pid_t($0) }
        stopCount = lines.count { $0.hasSuffix("--- stopped by SIGSTOP ---") }
        hasEnded = lines.last.map { $0.contains(" +++ ") } ?? false
        let installation = lines.lastIndex {
            $0.hasSuffix(" = 0") && ($0.contains(" seccomp(") || $0.contains(" seccomp resumed>"))
        }
        calls = installation.map { lines[($0 + 1)...].compactMap(RawCall.init) } ?? []
    }
}

/// A system call as a thread began it.
struct RawCall: Hashable, CustomStringConvertible {
    let name: String
    let arguments: [UInt64]

    /// - Parameter line: a thread's number, a name, and the arguments in parentheses, unless it is
    ///   about something else.
    init?(line: Substring) {
        let call = line.drop { $0 != " " }.drop { $0 == " " }
        guard let start = call.firstIndex(of: "("),
            call[..<start].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
        else { return nil }
        name = String(call[..<start])
        let rest = call[start...].dropFirst()
        let end = rest.firstIndex { $0 == ")" || $0 == "<" } ?? rest.endIndex
        arguments = rest[..<end].split(separator: ",").compactMap { argument in
            let digits = argument.drop { $0 == " " }
            return digits.hasPrefix("0x")
                ? UInt64(digits.dropFirst(2).prefix { $0.isHexDigit }, radix: 16)
                : UInt64(digits.prefix { $0.isNumber })
        }
    }

    var description: String {
        "\(name)(\(arguments.map { "0x" + String($0, radix: 16) }.joined(separator: ", ")))"
    }
}
