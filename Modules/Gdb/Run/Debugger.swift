import Hypervisor
import Linux
import Tender

/// Connects a guest to the debugger's thread: an observer and tracer of its vCPUs.
///
/// Except for `prepare`, its methods run on the vCPUs' threads; packets are handled on a worker's
/// thread, in `Server`.
final class Debugger: Observer, Tracer, @unchecked Sendable {
    private let door: Door
    private let window: MemoryWindow
    private let facts: LaunchFacts
    // Set before threads start.
    private var target: Target?
    private var server: Server?

    init(_ door: Door, _ window: MemoryWindow, _ facts: LaunchFacts) {
        self.door = door
        self.window = window
        self.facts = facts
    }

    /// The thread that serves debuggers. Packets and their replies are allocated on the heap.
    var worker: Worker {
        Worker("the debugger", commands: true, heap: 1 << 20) { _ in self.server?.serve() }
    }

    func prepare(_ subject: Subject) throws(ModuleError) {
        guard !subject.vcpus.isEmpty else {
            throw ModuleError(subject.obstacle)
        }
        let target = Target(subject, window) { [door] in door.changed.signal() }
        self.target = target
        server = Server(door, Session(target, facts), facts)
    }

    // MARK: Observer

    func stopped(cpu: Int, _ exit: Exit) -> Verdict {
        guard let target, exit != .interrupted else { return .pass }
        return target.control.stop(cpu: cpu, for: target.stop(of: cpu, exit))
    }

    func ended(_ end: GuestEnd) { target?.control.finish(end) }

    // MARK: Tracer

    /// A fault in a hypercall is reported like one of the vCPU, as SIGSYS.
    func didServe(cpu: Int, _ result: TracedResult) {
        guard result == .fault else { return }
        _ = target?.control.stop(cpu: cpu, for: .fault(.systemCall))
    }

    func prepare(cpuCount: Int, memory: GuestMemory) {}
    func entering(cpu: Int) {}
    func willServe(cpu: Int, _ number: Int32, argument: GuestAddress) {}
    func exited(cpu: Int, _ exit: Exit) {}
}
