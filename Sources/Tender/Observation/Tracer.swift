import Hypervisor

/// Takes note of what a guest calls. Each vCPU's thread calls it for that vCPU.
public protocol Tracer: AnyObject {
    /// The guest is about to run, with this many vCPUs and this memory.
    func prepare(cpuCount: Int, memory: GuestMemory)

    /// A vCPU is about to run, for the first time or after a stop that was no hypercall.
    func entering(cpu: Int)

    /// A vCPU stopped in order to make hypercall `number`.
    func willServe(cpu: Int, _ number: Int32, argument: GuestAddress)

    /// The hypercall that was announced is done, and the vCPU about to run on.
    func didServe(cpu: Int, _ result: TracedResult)

    /// A vCPU stopped for something else.
    func exited(cpu: Int, _ exit: Exit)
}

/// What became of a hypercall.
public enum TracedResult: Equatable, Sendable {
    case resume
    case halt
    case fault
}

/// Two that are told of the same calls, one after the other.
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

extension DispatchTable {
    /// The same table, with a tracer told of all that guests call, served or not.
    ///
    /// - Parameter thread: of the vCPU, which counts the calls, and is known to serve them meanwhile.
    package func traced(by tracer: (any Tracer)?, on thread: GuestThread? = nil) -> DispatchTable {
        guard tracer != nil || thread != nil else { return self }
        return wrapped { (number, handler) in
            { (argument, memory) throws(GuestFault) in
                thread?.counters.count(call: Int(number))
                thread?.leave()
                tracer?.willServe(cpu: 0, number, argument: argument)
                do throws(GuestFault) {
                    let outcome = try handler(argument, memory)
                    // At the end of the guest its next run is interrupted.
                    _ = thread?.enter()
                    tracer?.didServe(cpu: 0, outcome == .resume ? .resume : .halt)
                    return outcome
                } catch {
                    _ = thread?.enter()
                    tracer?.didServe(cpu: 0, .fault)
                    throw error
                }
            }
        }
    }
}
