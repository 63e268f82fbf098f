extension DispatchTable {
    /// The same table, with a tracer told of all that guests call, served or not.
    package func traced(by tracer: any Tracer) -> DispatchTable {
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
