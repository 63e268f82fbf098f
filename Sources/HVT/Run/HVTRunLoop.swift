import Architecture
import Hypervisor
import Linux
import Tender

/// The run loop of an hvt guest: VM exit, module, resume, until the guest halts.
///
/// This is the hot path: no allocation, and no system call except KVM_RUN.
struct HVTRunLoop<CPU: VCPU> {
    let vcpu: CPU
    let memory: GuestMemory
    let server: HypercallServer
    var observation = Observation()
    /// The guest's initial exception table.
    var exceptions: ExceptionTable?
    /// The network ring's, if the guest has it.
    var ring: PlacedRing?
    /// What a module has put off.
    var deferral: Deferral?
    /// The vCPU's thread, if anything may pause it or end the guest.
    var thread: GuestThread?

    func run() throws(TenderError) -> Halt {
        defer {
            // What the ring's worker has put off ends with it.
            try? ring?.interrupted()
            deferral?.finish()
        }
        Stage.firstEntry.mark()
        if let thread, !thread.enter() { return try thread.ending.halt() }
        observation.tracer?.entering(cpu: 0)
        while true {
            let exit = try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
                try vcpu.run()
            }
            if let hypercall = Hypercall(exit) {
                Stage.firstHypercall.mark()
                deferral?.finish(before: hypercall.number)
                let outcome = try wrapping(TenderError.guest) { () throws(GuestFault) in
                    try server.serve(
                        hypercall.number, argument: hypercall.argument, memory: memory)
                }
                if case .halt(let halt) = outcome {
                    // Frames that the guest has left in the ring; its end is the same with a fault.
                    try? ring?.serve(memory)
                    return halt
                }
            } else if let ring, PlacedRing.isKick(exit) {
                try answer(ring, exit)
            } else if let halt = try stopped(exit) {
                return halt
            } else {
                observation.tracer?.entering(cpu: 0)
            }
        }
    }

    @inline(__always)
    private func answer(_ ring: PlacedRing, _ exit: Exit) throws(TenderError) {
        thread?.counters.count(ExitKind(exit))
        observation.tracer?.exited(cpu: 0, exit)
        try wrapping(TenderError.guest) { () throws(GuestFault) in try ring.serve(memory) }
        observation.tracer?.entering(cpu: 0)
    }

    /// Handles an exit that is no hypercall.
    @inline(never)
    private func stopped(_ exit: Exit) throws(TenderError) -> Halt? {
        // Before an observer keeps the guest standing.
        if exit == .interrupted { deferral?.interrupted() }
        if let exception = exceptions?.take(exit, of: vcpu, memory) {
            // Reported as the triple fault that it would be without the table.
            return try stopped(
                .shutdown,
                FatalExit(
                    .exception(exception), at: exception.programCounter, on: CPU.backEnd))
        }
        return try stopped(exit, nil)
    }

    private func stopped(_ exit: Exit, _ known: FatalExit?) throws(TenderError) -> Halt? {
        thread?.counters.count(ExitKind(exit))
        observation.tracer?.exited(cpu: 0, exit)
        switch observation.stopped(cpu: 0, exit) {
        case .resume: return nil
        case .end(let status): return .forced(status)
        case .pass where exit == .interrupted:
            if let ring { try wrapping(TenderError.guest, ring.interrupted) }
            guard let thread, !thread.pass() else { return nil }
            return try thread.ending.halt()
        case .pass:
            if let known { throw .exit(known, nil) }
            throw try fault(exit)
        }
    }

    /// The error for an exit that is no hypercall.
    private func fault(_ exit: Exit) throws(TenderError) -> TenderError {
        switch exit {
        case .portWrite(let port, _, _), .portRead(let port, _), .portString(let port):
            return .guest(.port(port))
        case .memoryFault(let address):
            return try fatal(.translation, address)
        case .mmioWrite(let address, _, _), .mmioRead(let address, _):
            // If the hypervisor emulates the access, one to protected memory is an MMIO exit, too.
            return try fatal(address < memory.count ? .translation : .unhandled(exit), address)
        default:
            break
        }
        return try fatal(.unhandled(exit))
    }

    private func fatal(
        _ cause: FatalExit.Cause, _ address: UInt64? = nil
    ) throws(TenderError) -> TenderError {
        let counter = try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
            try vcpu.state().programCounter
        }
        return .exit(FatalExit(cause, at: counter, address: address, on: CPU.backEnd), nil)
    }
}

/// A hypercall, by port I/O or MMIO.
struct Hypercall: Equatable {
    let number: Int
    let argument: GuestAddress

    /// - Returns: nil if the exit is not a hypercall.
    @inline(__always)
    init?(_ exit: Exit) {
        self.init(exit, on: Native.self)
    }

    @inline(__always)
    init?<Processor: HVTProcessor>(_ exit: Exit, on processor: Processor.Type) {
        guard let (number, argument) = Processor.hypercall(exit) else { return nil }
        self.number = number
        self.argument = GuestAddress(argument)
    }
}
