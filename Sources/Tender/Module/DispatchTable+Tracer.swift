extension DispatchTable {
    /// The same table, with a tracer called for every hypercall, served or not.
    ///
    /// - Parameter thread: the vCPU's thread, which counts the calls and is `isOutside` in them.
    package func traced(by tracer: (any Tracer)?, on thread: GuestThread? = nil) -> DispatchTable {
        guard tracer != nil || thread != nil else { return self }
        return wrapped { (number, handler) in
            { (argument, memory) throws(GuestFault) in
                thread?.counters.count(call: Int(number))
                thread?.leave()
                tracer?.willServe(cpu: 0, number, argument: argument)
                do throws(GuestFault) {
                    let outcome = try handler(argument, memory)
                    // If the guest has ended, the next run returns at once.
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
