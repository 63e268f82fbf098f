import Architecture
import Hypervisor
import Linux
import Tender

/// Runs one vCPU of a Hermit guest, on a thread of its own, until the guest ends.
///
/// This is the hot path: nothing here allocates or looks anything up by name.
final class VCPULoop<CPU: InterruptCPU>: @unchecked Sendable {
    private let index: Int
    private let cpu: CPU
    private let calls: Hypercalls
    private let buses: Buses
    private let ports: PortTable
    private let thread: GuestThread
    private let observation: Observation
    let counters: ExitCounters
    /// The guest's symbols, if it has any.
    var symbols: SymbolTable?
    /// The exception table that the guest starts with.
    var exceptions: ExceptionTable?
    private var lastCall: Call?
    private let input: InputWait
    /// The cause of the fault that ended the guest, once there is one.
    private var cause: FaultCause?

    init(
        _ index: Int, _ cpu: CPU, _ calls: Hypercalls, _ buses: Buses,
        _ threads: GuestThreads, _ observation: Observation
    ) {
        input = InputWait()
        // Any thread may request an exit.
        nonisolated(unsafe) let vcpu = cpu
        thread = threads.addVCPU(
            wait: input.wait, callNumbers: Call.allCases.map { $0.port },
            requestExit: { unsafe vcpu.requestExit() })
        counters = thread.counters
        self.index = index
        self.cpu = cpu
        self.calls = calls
        self.buses = buses
        self.observation = observation
        ports = PortTable()
    }

    /// Runs the vCPU to the guest's end: the body of its thread.
    func live() {
        counters.start = Clock.monotonic
        input.goesOn = goesOnWaiting
        // Breaks the reference cycle.
        defer { input.goesOn = { false } }
        do throws(TenderError) {
            if let outcome = try run() { thread.ending.report(outcome) }
        } catch {
            thread.ending.report(.failure(explained(error), cpu: index))
        }
        counters.end = Clock.monotonic
    }

    /// Lets observers stop the guest while its vCPU waits for input.
    ///
    /// - Returns: whether to keep waiting.
    private func goesOnWaiting() -> Bool {
        if thread.ending.isOver { return false }
        guard case .end(let status) = observation.stopped(cpu: index, .interrupted) else {
            return thread.pass()
        }
        thread.ending.report(.stopped(status: status))
        // Exits before the guest sees the result of its call.
        cpu.requestExit()
        return false
    }

    /// - Returns: nil if another thread ended the guest.
    private func run() throws(TenderError) -> Ending.Outcome? {
        guard thread.enter() else { return nil }
        observation.tracer?.entering(cpu: index)
        while true {
            let exit = try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
                try cpu.run()
            }
            if case .portWrite(let port, _, let value) = exit, let call = ports[port] {
                counters.count(call)
                lastCall = call
                if let code = try serve(call, value) { return .exit(code) }
                continue
            }
            if let exception = exceptions?.take(exit, of: cpu, calls.memory) {
                // From here on as for the triple fault that the table replaces.
                counters.count(.stop)
                observation.tracer?.exited(cpu: index, .shutdown)
                if let outcome = try stopped(.shutdown, exception) { return outcome }
                observation.tracer?.entering(cpu: index)
                continue
            }
            counters.count(ExitKind(exit))
            observation.tracer?.exited(cpu: index, exit)
            switch exit {
            case .portWrite(let port, let width, let value):
                // Writes to a port without a device are ignored.
                _ = buses.ports.write(UInt64(value), to: port, width: width)
            case .portRead(let port, let width):
                cpu.finishRead(buses.ports.read(port, width: width) ?? .max)
            case .portString:
                // No device supports string I/O (INS, OUTS): reads return all ones.
                cpu.finishRead(.max)
            case .mmioRead(let address, let width):
                guard let value = buses.memory.read(address, width: width) else {
                    throw .failed(report(exit))
                }
                cpu.finishRead(value)
            case .mmioWrite(let address, let width, let value):
                guard buses.memory.write(value, to: address, width: width) else {
                    throw .failed(report(exit))
                }
            case .halt:
                // The in-kernel interrupt controller (irqchip) wakes the vCPU.
                break
            case .interrupted:
                if thread.ending.isOver { return nil }
                if case .end(let status) = observation.stopped(cpu: index, exit) {
                    return .stopped(status: status)
                }
                guard thread.pass() else { return nil }
            default:
                if let outcome = try stopped(exit) { return outcome }
            }
            observation.tracer?.entering(cpu: index)
        }
    }

    /// Ends the guest after a fatal exit, unless an observer resumes it.
    @inline(never)
    private func stopped(
        _ exit: Exit, _ exception: GuestException? = nil
    ) throws(TenderError) -> Ending.Outcome? {
        switch observation.stopped(cpu: index, exit) {
        case .resume: return nil
        case .end(let status): return .stopped(status: status)
        case .pass: throw .failed(report(exit, exception))
        }
    }

    @inline(__always)
    private func serve(_ call: Call, _ value: UInt32) throws(TenderError) -> Int32? {
        let argument =
            call.isArgumentInRegister
            ? try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
                try cpu.argument()
            } : UInt64(value)
        guard thread.canBeHeld || observation.tracer != nil else {
            return try serve(call, argument)
        }
        return try serveObserved(call, argument)
    }

    /// Serves a call, reported to the tracer, with the thread marked as outside of the guest.
    @inline(never)
    private func serveObserved(_ call: Call, _ argument: UInt64) throws(TenderError) -> Int32? {
        let tracer = observation.tracer
        thread.leave()
        tracer?.willServe(cpu: index, call.port, argument: GuestAddress(argument))
        do throws(TenderError) {
            let code = try serve(call, argument)
            // If the guest has ended, the next run is interrupted.
            _ = thread.enter()
            tracer?.didServe(cpu: index, code == nil ? .resume : .halt)
            return code
        } catch {
            _ = thread.enter()
            tracer?.didServe(cpu: index, .fault)
            throw error
        }
    }

    @inline(__always)
    private func serve(_ call: Call, _ argument: UInt64) throws(TenderError) -> Int32? {
        try calls.serve(call, argument, input) { () throws(TenderError) in
            try wrapping(TenderError.hypervisor) { () throws(HypervisorError) in
                try cpu.translation()
            }
        }
    }

    /// The message for an exit that the guest can't be resumed after: the exit, RIP and code bytes.
    private func report(_ exit: Exit, _ exception: GuestException? = nil) -> String {
        var text = "guest fault: \(CPU.backEnd.words(exit))"
        guard var state = try? cpu.state() else { return text }
        exception?.apply(to: &state)
        cause = FaultCause(exit, exception, state, of: cpu)
        let address = state.programCounter
        if cause == .reset {
            let call = lastCall.map { "its last hypercall was \($0.text)" }
            return text
                + ", and \(CPU.backEnd.name) has reset the vCPU, so where it was is not known; "
                + (call ?? "it made no hypercall before")
        }
        text += ", \(Registers.programCounterName)=\(hexadecimal(address))"
        guard
            let piece = try? AddressSpace(
                memory: calls.memory, translation: state.translation
            ).piece(
                at: address, upTo: 16, for: .read)
        else { return text }
        return "\(text), code \(FaultCause.hexadecimal(calls.memory.bytes(in: piece)))"
    }

    /// The error with the fault report appended.
    private func explained(_ error: TenderError) -> TenderError {
        switch error {
        case .failed, .guest:
            guard cause != .reset, var state = try? cpu.state() else { return error }
            if case .exception(let exception) = cause { exception.apply(to: &state) }
            let report = FaultReport(
                memory: calls.memory, symbols: symbols, on: CPU.backEnd)
            return .failed("\(error)\n\(report.text(state, cause: cause))")
        default: return error
        }
    }
}
