import Hypervisor

/// Observes a guest from outside: a debugger, a core dumper.
///
/// All methods except `prepare` run inside the sandbox, with the guest or the vCPU stopped.
public protocol Observer: AnyObject {
    /// The guest is loaded. The last chance to open files or descriptors.
    func prepare(_ subject: Subject) throws(ModuleError)

    /// A vCPU exited, other than for a hypercall; called on its thread. Also called for
    /// `.interrupted`.
    func stopped(cpu: Int, _ exit: Exit) -> Verdict

    /// The guest has ended, and no vCPU runs.
    func ended(_ end: GuestEnd)
}

extension Observer {
    public func prepare(_ subject: Subject) throws(ModuleError) {}
    public func stopped(cpu: Int, _ exit: Exit) -> Verdict { .pass }
    public func ended(_ end: GuestEnd) {}
}

/// An observer's decision on a stopped vCPU.
public enum Verdict: Equatable, Sendable {
    /// The observer does not handle this exit.
    case pass
    /// The vCPU resumes, whatever the exit was.
    case resume
    /// The guest ends; the tender exits with this status.
    case end(status: Int32)
}

/// A guest as observers see it.
public struct Subject {
    public let memory: GuestMemory
    /// The load bias: the difference from the addresses that the image was linked at.
    public let bias: UInt64
    /// In the order of their numbers. Only a stopped vCPU may be accessed.
    public let vcpus: [any DebuggedCPU]
    /// The reason if `vcpus` is empty: a sentence.
    public let obstacle: String
    /// The vCPU threads and workers. They have not started yet.
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
