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
    func stopped(cpu: Int, _ exit: Exit)
}

/// What became of a hypercall.
public enum TracedResult: Equatable, Sendable {
    case resume
    case halt
    case fault
}

extension DispatchTable {
    /// The same table, with a tracer told of all that guests call, served or not.
    func traced(by tracer: any Tracer) -> DispatchTable {
        wrapped { (number, handler) in
            { (argument, memory) throws(GuestFault) in
                tracer.willServe(cpu: 0, number, argument: argument)
                do throws(GuestFault) {
                    let outcome = try handler(argument, memory)
                    tracer.didServe(cpu: 0, outcome == .resume ? .resume : .halt)
                    return outcome
                } catch {
                    tracer.didServe(cpu: 0, .fault)
                    throw error
                }
            }
        }
    }
}
