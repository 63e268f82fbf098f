import CLinux
import Rules

/// A module's own thread, which runs beside the vCPUs as long as the guest does.
///
/// It starts with the guest, after the sandbox is closed. It waits by `GuestThread.wait` only,
/// pauses there with the guest, and returns when the guest ends.
public struct Worker: Sendable {
    /// As in "the network card".
    public let name: String
    /// Whether it controls the guest: it continues while the guest is paused and after its end.
    public let commands: Bool
    /// The heap that it may need, in bytes: the heap can't grow in the sandbox.
    public let heap: Int
    /// Called if the thread can't be started, of the first worker; nil if the launch then fails.
    let whenMissing: (@Sendable () -> Void)?
    /// The thread's function.
    let body: @Sendable (GuestThread) -> Void

    public init(
        _ name: String, commands: Bool = false, heap: Int = 0,
        whenMissing: (@Sendable () -> Void)? = nil,
        _ body: @escaping @Sendable (GuestThread) -> Void
    ) {
        self.name = name
        self.commands = commands
        self.heap = heap
        self.whenMissing = whenMissing
        self.body = body
    }
}

extension GuestThreads {
    /// The system calls by which threads wait for and interrupt each other: part of a worker's
    /// rules.
    ///
    /// - Parameters:
    ///   - areEnded: whether any of the threads ends with the guest.
    ///   - need: the role without which a launch has no such threads; nil if every launch has them.
    public static func systemCalls(
        areEnded: Bool = true, onlyWith need: Role? = nil
    ) -> [SystemCallSpecification] {
        var calls = [
            SystemCallSpecification("futex", onlyWith: need),
            // To get a thread out of the guest or of a wait.
            SystemCallSpecification("getpid", onlyWith: need),
            SystemCallSpecification(
                "tgkill", [.number(argument: 0, Core.process)], onlyWith: need),
            SystemCallSpecification("rt_sigreturn", onlyWith: need),
        ]
        if areEnded {
            // The main thread waits for the others' end by CLOCK_MONOTONIC, which some kernels read
            // by a system call (no vDSO); ended threads pause until the process exits.
            calls += [
                SystemCallSpecification("clock_gettime", onlyWith: need),
                SystemCallSpecification(LINUX_PAUSE_NAME, onlyWith: need),
            ]
        }
        #if !hasFeature(Embedded)
            // The Swift runtime, to identify the owner of a contended lock.
            calls.append(SystemCallSpecification("gettid", onlyWith: need))
        #endif
        return calls
    }
}
