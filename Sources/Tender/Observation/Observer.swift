import Hypervisor

/// Looks into a guest from outside: a debugger, or whoever keeps what is left of a guest.
///
/// All methods but `prepare` are called in the sandbox, with the guest or the vCPU standing still.
public protocol Observer: AnyObject {
    /// The guest is in its machine. The last chance to open anything.
    func prepare(_ subject: Subject) throws(ModuleError)

    /// A vCPU stopped, and not in order to call; its thread says so. Also called for `.interrupted`.
    func stopped(cpu: Int, _ exit: Exit) -> Verdict

    /// The guest has ended, and no vCPU runs any more.
    func ended(_ end: GuestEnd)
}

extension Observer {
    public func prepare(_ subject: Subject) throws(ModuleError) {}
    public func stopped(cpu: Int, _ exit: Exit) -> Verdict { .pass }
    public func ended(_ end: GuestEnd) {}
}

/// What becomes of a vCPU that an observer has looked at.
public enum Verdict: Equatable, Sendable {
    /// The observer has nothing to do with it.
    case pass
    /// It runs on, whatever it stopped for.
    case resume
    /// The guest ends, with this exit status of the tender's.
    case end(status: Int32)
}

/// How a guest came to its end.
public enum GuestEnd: Equatable, Sendable {
    /// By itself; the cookie is 0 for guests that leave none.
    case halt(Halt)
    /// By something that it does not survive, on this vCPU.
    case fault(cpu: Int)
    /// By an observer or a signal.
    case stopped
}

/// A guest as observers see it.
public struct Subject {
    public let memory: GuestMemory
    /// What was added to the addresses that the image was linked at.
    public let bias: UInt64
    /// In the order of their numbers. Only vCPUs that stand still may be looked at.
    public let vcpus: [any DebuggedCPU]
    /// Why there are none, if there are none: a sentence.
    public let obstacle: String
    /// Those that run the vCPUs, and workers. They have not started yet.
    public let threads: GuestThreads

    public init(
        memory: GuestMemory, bias: UInt64 = 0, vcpus: [any DebuggedCPU], obstacle: String = "",
        threads: GuestThreads
    ) {
        self.bias = bias
        self.memory = memory
        self.vcpus = vcpus
        self.obstacle = obstacle
        self.threads = threads
    }
}
