/// What strace(1) makes of one system call of a tender's.
struct Injection: Sendable, CustomStringConvertible {
    /// Its name.
    let call: String
    /// Which of the calls that a thread makes by this name, from 1 on.
    let occurrence: Int
    let effect: Effect

    enum Effect: Sendable {
        /// It fails, and is never made.
        case error(String)
        /// It returns this, and is never made.
        case result(Int)
        /// When it begins, there is a signal.
        case signal(String)
    }

    /// The words that a command begins with to be subject to this.
    ///
    /// - Parameter trace: a file to write all calls of this name to, and what is done in their place.
    func command(trace: String) -> [String] {
        let others = call == "close_range" ? ",openat,getdents64,close" : ""
        return [
            "strace", "-f", "-qq", "-o", trace, "-e", "trace=\(call)\(others)\(Self.first)",
            "-e", "inject=\(call):\(action):when=\(occurrence)",
        ] + (isSignal ? [] : ["--seccomp-bpf"])
    }

    /// With --seccomp-bpf strace stops a thread only once the tender's own filter has allowed the
    /// call, and then the kernel does not ask that filter about what becomes of it. Otherwise a call
    /// that is not to be made would be one that the filter does not know. The first call that strace
    /// looks at it stops before the filter all the same, so each thread's is one that it makes when
    /// it begins. Signals are lost at such stops, but with these the call is made as it is.
    private var isSignal: Bool {
        if case .signal = effect { true } else { false }
    }

    /// With the GNU C library, and with musl: the first thread's, and others'.
    private static let first = ",rseq,arch_prctl,rt_sigprocmask"

    /// Whether it has come to that.
    func happened(_ trace: String) -> Bool {
        if case .signal(let name) = effect {
            trace.contains("--- SIG\(name) ")
        } else {
            trace.contains("(INJECTED)")
        }
    }

    private var action: String {
        switch effect {
        // This call does not say that it fails, but where the heap ends, and that is nowhere near.
        case .error where call == "brk": "retval=0"
        case .error(let name): "error=\(name)"
        case .result(let value): "retval=\(value)"
        case .signal(let name): "signal=\(name)"
        }
    }

    var description: String { "\(call) \(occurrence): \(action)" }
}

/// A system call that strace has seen.
struct TracedCall: Sendable {
    let thread: Substring
    let name: String
    /// Which of its thread's by that name.
    let occurrence: Int
    /// With its arguments and result.
    let text: Substring

    /// All calls in strace's lines, each of which begins with a thread.
    static func all(in trace: String) -> [TracedCall] {
        var counts: [String: Int] = [:]
        return trace.split(separator: "\n").compactMap { line in
            guard let space = line.firstIndex(of: " "), let end = line.firstIndex(of: "(") else {
                return nil
            }
            let text = line[space...].drop { $0 == " " }
            guard text.startIndex < end else { return nil }
            let name = String(line[text.startIndex..<end])
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
            let thread = line[..<space]
            counts["\(thread) \(name)", default: 0] += 1
            return TracedCall(
                thread: thread, name: name,
                occurrence: counts["\(thread) \(name)", default: 0], text: text)
        }
    }

    func failing(with error: String) -> Injection {
        Injection(call: name, occurrence: occurrence, effect: .error(error))
    }

    func interrupted(by signal: String) -> Injection {
        Injection(call: name, occurrence: occurrence, effect: .signal(signal))
    }
}
