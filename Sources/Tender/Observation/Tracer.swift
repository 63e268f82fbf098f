import Hypervisor

/// Records a guest's hypercalls and exits. Each method is called on the vCPU's own thread.
public protocol Tracer: AnyObject {
    /// The guest is about to run, with `cpuCount` vCPUs and this memory.
    func prepare(cpuCount: Int, memory: GuestMemory)

    /// A vCPU is about to enter the guest: the first time, or after an exit that was no hypercall.
    func entering(cpu: Int)

    /// A vCPU exited for hypercall `number`.
    func willServe(cpu: Int, _ number: Int32, argument: GuestAddress)

    /// The hypercall of the last `willServe` is done, and the vCPU about to resume.
    func didServe(cpu: Int, _ result: TracedResult)

    /// A vCPU exited for another reason.
    func exited(cpu: Int, _ exit: Exit)
}

/// The result of a hypercall.
public enum TracedResult: Equatable, Sendable {
    case resume
    case halt
    case fault
}

/// Two tracers called in turn for the same events.
final class Tracers: Tracer {
    private let first: any Tracer
    private let second: any Tracer

    init(_ first: any Tracer, _ second: any Tracer) {
        self.first = first
        self.second = second
    }

    func prepare(cpuCount: Int, memory: GuestMemory) {
        first.prepare(cpuCount: cpuCount, memory: memory)
        second.prepare(cpuCount: cpuCount, memory: memory)
    }

    func entering(cpu: Int) {
        first.entering(cpu: cpu)
        second.entering(cpu: cpu)
    }

    func willServe(cpu: Int, _ number: Int32, argument: GuestAddress) {
        first.willServe(cpu: cpu, number, argument: argument)
        second.willServe(cpu: cpu, number, argument: argument)
    }

    func didServe(cpu: Int, _ result: TracedResult) {
        first.didServe(cpu: cpu, result)
        second.didServe(cpu: cpu, result)
    }

    func exited(cpu: Int, _ exit: Exit) {
        first.exited(cpu: cpu, exit)
        second.exited(cpu: cpu, exit)
    }
}
