import Hypervisor
import Linux
import Tender

/// What a launch with a debugger has besides the guest.
///
/// Its methods but `prepare` are called by the vCPUs' threads; all of the debugger's own work is
/// done by a thread of its own, in `Server`.
final class Debugger: Observer, Tracer, @unchecked Sendable {
    private let door: Door
    private let window: MemoryWindow
    private let facts: LaunchFacts
    private var target: Target?

    /// How much of the heap to have before there is a second thread, in bytes: packets, and what is
    /// made of them.
    private static let reservedHeap = 1 << 20

    init(_ door: Door, _ window: MemoryWindow, _ facts: LaunchFacts) {
        self.door = door
        self.window = window
        self.facts = facts
    }

    func prepare(_ subject: Subject) throws(ModuleError) {
        guard !subject.vcpus.isEmpty else {
            throw ModuleError(subject.obstacle)
        }
        let target = Target(subject, window) { [door] in door.changed.signal() }
        self.target = target
        let server = Server(door, Session(target, facts), facts)
        let barrier = Barrier(count: 2)
        do throws(Errno) {
            // Threads started from now on share the heap.
            try Heap.settle(reserving: Self.reservedHeap)
            // It lives as long as the process.
            _ = try Thread.start {
                barrier.wait()
                server.serve()
            }
        } catch {
            throw ModuleError("Could not start the debugger's thread: \(Thread.obstacle(error))")
        }
        barrier.wait()
    }

    // MARK: What vCPUs do

    func started(cpu: Int) -> Verdict { target?.control.pass(cpu: cpu) ?? .pass }

    func stopped(cpu: Int, _ exit: Exit) -> Verdict {
        guard let target else { return .pass }
        target.counts[cpu].countOther()
        guard exit != .interrupted else { return target.control.pass(cpu: cpu) }
        return target.control.stop(cpu: cpu, for: target.stop(of: cpu, exit))
    }

    func ended(_ end: GuestEnd) { target?.control.finish(end) }

    // MARK: What they call

    func prepare(cpuCount: Int, memory: GuestMemory) {}

    func willServe(cpu: Int, _ number: Int32, argument: GuestAddress) {
        target?.counts[cpu].count(call: number)
        target?.control.beginServing(cpu: cpu)
    }

    func didServe(cpu: Int, _ result: TracedResult) {
        target?.control.endServing(cpu: cpu, isFault: result == .fault)
    }

    func entering(cpu: Int) {}
    func exited(cpu: Int, _ exit: Exit) {}
}
