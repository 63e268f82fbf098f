import Foundation

extension Bench {
    /// Which system calls the tender makes to serve a hypercall.
    func systemCalls() throws {
        do {
            try run(Command(words: ["strace", "-o", "/dev/null", "true"]))
        } catch {
            throw Skipped(description: "cannot trace: \(error)")
        }
        var table = Table(["", "calls", "which"], wordColumns: [0, 2])
        let skipped = try forEachHypercall { hypercall in
            // A run of more calls less a run of fewer: start and end cancel each other out.
            let (few, many) = (100, 300)
            let less = try traced(hypercall.command(programs[0], few))
            let more = try traced(hypercall.command(programs[0], many))
            let perCall = more.merging(less.mapValues { -$0 }, uniquingKeysWith: +)
                .mapValues { Double($0) / Double(many - few) }
                .filter { $0.value != 0 }
            let which = perCall.sorted { $0.key < $1.key }.map {
                "\($0.key) \(figure($0.value, digits: 2))"
            }
            let sum = perCall.values.reduce(0, +)
            table.add(
                hypercall.name, [figure(sum, digits: 2), which.joined(separator: ", ")])
        }
        table.show()
        if let skipped { print("  skipped: \(skipped)") }
    }

    /// How often the command makes each system call, KVM_RUN apart.
    private func traced(_ command: Command) throws -> [String: Int] {
        let trace = "\(scratch.path)/trace"
        // Last in line before the tender, or it would trace what starts the tender, too.
        let tender = command.words.lastIndex(of: programs[0].path) ?? 0
        let words =
            command.words[..<tender] + ["strace", "-f", "-o", trace] + command.words[tender...]
        try run(Command(words: Array(words)))

        var counts: [String: Int] = [:]
        // Each line is `PID NAME(ARGUMENTS) = RESULT`, or something that is no call.
        for line in try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n") {
            let call = line.drop { $0 != " " }.drop { $0 == " " }
            let name = call.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            guard !name.isEmpty, call.dropFirst(name.count).first == "(" else { continue }
            if name == "ioctl" && call.contains("KVM_RUN") { continue }
            counts[String(name), default: 0] += 1
        }
        return counts
    }
}
