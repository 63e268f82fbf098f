import CLinux
import CSeccomp
import Linux
import Synchronization
import Tender

/// The seccomp policy that this process was started under: a container's, a unit's, urunc's.
///
/// Of what such a policy refuses with an error or a signal that can be handled, the caller of the call
/// is told. Some policies end the process at once. What they would end it for is found out by a child
/// process, which tries one call after the other.
///
/// This is one of the files with unsafe pointers: the child tells how far it got by memory that it
/// shares.
enum OuterPolicy {
    /// Whether there is one. A policy that refuses the question counts.
    static var isThere: Bool {
        let answer = linux_prctl(PR_GET_SECCOMP, 0, 0)
        return answer == Int32(SECCOMP_MODE_FILTER)
            || answer == -1 && Errno.current.isRefusal
    }

    /// The calls that were tried. Used by the thread that sets up the sandbox alone.
    private nonisolated(unsafe) static var known: [(name: String, isRefused: Bool)] = []

    /// Those of the calls that it answers with SIGSYS, whatever their arguments.
    static func refused(among names: [String]) -> [String] {
        let new = names.filter { name in unsafe !known.contains { $0.name == name } }
        let refused = findRefused(among: new)
        for name in new where unsafe !known.contains(where: { $0.name == name }) {
            unsafe known.append((name, refused.contains(name)))
        }
        return unsafe known.filter { $0.isRefused && names.contains($0.name) }.map { $0.name }
    }

    /// The same, of calls that were not tried before.
    ///
    /// None if no child process can be made, other than for a signal: calls are tried in this process
    /// then, since such a policy will not end it for them either.
    private static func findRefused(among names: [String]) -> [String] {
        var calls: [(name: String, number: Int32)] = []
        for name in names
        where !untried.contains(name) && !calls.contains(where: { $0.name == name }) {
            let number = unsafe seccomp_syscall_resolve_name(name)
            if number >= 0 { calls.append((name, number)) }
        }
        guard calls.count <= mostCalls, let page = unsafe linux_map_shared(mostCalls) else {
            return []
        }
        defer { unsafe _ = munmap(page, mostCalls) }
        let answered = Refusal.answered
        Refusal.answered = nil
        defer { Refusal.answered = answered }
        // Not to be left with a child that can't be waited for.
        let canWait = linux_wait(-1, nil, WNOHANG) != -1 || errno(is: ECHILD)
        var next = 0
        while next < calls.count {
            let numbers = calls[next...].map { $0.number }
            let child = canWait ? linux_fork() : -1
            if child == 0 {
                unsafe tryAll(numbers, page + next, inChild: true)
                _exit(0)
            }
            guard child > 0 else {
                if Refusal.answered != nil {
                    unsafe tryAll(numbers, page + next, inChild: false)
                }
                break
            }
            while linux_wait(child, nil, 0) == -1, errno(is: EINTR) {}
            // The child was ended for the call that has no result.
            guard let fatal = (next..<calls.count).first(where: { unsafe page[$0] == begun })
            else { break }
            unsafe page[fatal] = hasRefused
            next = fatal + 1
        }
        return calls.indices.filter { unsafe page[$0] == hasRefused }.map { calls[$0].name }
    }

    /// They end or stop whatever makes them, allowed or not.
    private static let untried = ["exit_group", "exit", LINUX_PAUSE_NAME, "rt_sigreturn"]
    private static let mostCalls = 4096
    private static let begun: UInt8 = 1
    private static let hasReturned: UInt8 = 2
    private static let hasRefused: UInt8 = 3

    /// - Parameter inChild: whether this is a copy of the thread that made it, and of nothing else.
    private static func tryAll(
        _ numbers: [Int32], _ results: UnsafeMutablePointer<UInt8>, inChild: Bool
    ) {
        Refusal.isTrying.store(true, ordering: .relaxed)
        defer { Refusal.isTrying.store(false, ordering: .relaxed) }
        for (index, number) in numbers.enumerated() {
            Refusal.answered = nil
            unsafe results[index] = begun
            if inChild, number == Int32(SYS_prctl) {
                // So that it leaves no core file.
                _ = linux_prctl(PR_SET_DUMPABLE, 0, 0)
            } else {
                linux_attempt_call(number)
            }
            unsafe results[index] = Refusal.answered == number ? hasRefused : hasReturned
        }
    }

    private static func errno(is code: Int32) -> Bool { Errno.current.code == code }
}

extension Errno {
    /// Whether a policy may be the reason: EPERM; or ENOSYS, where it is to look like an old kernel.
    var isRefusal: Bool { code == EPERM || code == ENOSYS }
}
