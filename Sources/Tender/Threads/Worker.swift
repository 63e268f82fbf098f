import Rules

/// A thread that a module declares: it works for the guest as long as that runs, beside its vCPUs.
///
/// It begins with the guest, after the sandbox is closed. Where it waits, it does so by
/// `GuestThread.wait`, stands still there while the guest is paused, and returns when the guest ends.
public struct Worker: Sendable {
    /// As in "the network card".
    public let name: String
    /// Whether it is the one that pauses the guest: it goes on meanwhile, and when the guest has ended.
    public let commands: Bool
    /// How much of the heap it may need, in bytes: none can be added to it later.
    public let heap: Int
    /// All that the thread does.
    let body: @Sendable (GuestThread) -> Void

    public init(
        _ name: String, commands: Bool = false, heap: Int = 0,
        _ body: @escaping @Sendable (GuestThread) -> Void
    ) {
        self.name = name
        self.commands = commands
        self.heap = heap
        self.body = body
    }
}

/// A worker, as its module's manifest states it.
public struct WorkerSpecification: Sendable {
    /// As in "the network card".
    public let name: String
    /// What its thread calls while the guest runs, besides what the vCPUs' threads call for the module.
    public let systemCalls: [SystemCallSpecification]

    public init(_ name: String, systemCalls: [SystemCallSpecification]) {
        self.name = name
        self.systemCalls = systemCalls
    }
}

extension GuestThreads {
    /// What threads call that wait for each other and interrupt each other. A part of the rules of each
    /// worker.
    ///
    /// - Parameters:
    ///   - areEnded: whether any of them ends with the guest.
    ///   - need: only launches that have it have the threads; nil if all do.
    public static func systemCalls(
        areEnded: Bool = true, onlyWith need: Role? = nil
    ) -> [SystemCallSpecification] {
        var calls = [
            SystemCallSpecification("futex", onlyWith: need),
            // pthread_kill, which gets a thread out of the guest or of a wait.
            SystemCallSpecification("rt_sigprocmask", onlyWith: need),
            SystemCallSpecification("getpid", onlyWith: need),
            SystemCallSpecification(
                "tgkill", [.number(argument: 0, Core.process)], onlyWith: need),
            SystemCallSpecification("rt_sigreturn", onlyWith: need),
        ]
        if areEnded {
            // The end is waited for, by a clock that only some kernels can't read without a call; the
            // threads then wait for that of the process.
            calls += [
                SystemCallSpecification("clock_gettime", onlyWith: need),
                SystemCallSpecification("pause", onlyWith: need),
            ]
        }
        #if !hasFeature(Embedded)
            // The language's runtime library, to know a thread that comes to one of its locks.
            calls.append(SystemCallSpecification("gettid", onlyWith: need))
        #endif
        return calls
    }
}
