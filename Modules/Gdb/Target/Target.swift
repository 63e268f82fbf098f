import Architecture
import Hypervisor
import Linux
import Tender

/// The guest under debug: its vCPUs, memory, breakpoints and watchpoints.
///
/// Only the debugger's thread uses it, while all vCPUs are stopped. Exceptions are `control`, and
/// `stop`, which vCPU threads call.
final class Target: @unchecked Sendable {
    let control: GuestControl
    let cpus: [any DebuggedCPU]
    let memory: PatchedMemory
    /// The load bias of the image: what was added to the addresses of its symbols.
    let bias: UInt64
    var watches = Watches()
    /// The stops that are armed on each vCPU.
    private var stops: [DebugStops]

    init(_ subject: Subject, _ window: MemoryWindow, tell: @escaping () -> Void) {
        cpus = subject.vcpus
        bias = subject.bias
        control = GuestControl(subject.threads, tell: tell)
        memory = PatchedMemory(subject.memory, window)
        stops = cpus.map { _ in DebugStops() }
    }

    /// Maps an exit to a debugger's stop. Called on the vCPU's thread.
    func stop(of cpu: Int, _ exit: Exit) -> Stop {
        switch exit {
        case .debug:
            let debug = cpus[cpu].debugExit
            if debug.isBreakpoint {
                if memory.hasBreakpoint(at: debug.address) { return .breakpoint }
                skipBreakpoint(of: cpu, at: debug.address)
                return .trap
            }
            if let watch = debug.watch, watch < watches.pieces.count { return .watch(watch) }
            return debug.isStep ? .step : .trap
        case .internalError:
            // A KVM that emulates every instruction may fail on the breakpoint instruction.
            let address = (try? cpus[cpu].state())?.programCounter
            if let address, memory.hasBreakpoint(at: address) { return .breakpoint }
            return .fault(Stop.Signal(exit))
        default:
            return .fault(Stop.Signal(exit))
        }
    }

    /// Advances RIP past the guest's own INT3, as the processor would without a debugger.
    private func skipBreakpoint(of cpu: Int, at address: UInt64) {
        guard var state = try? cpus[cpu].state(), state.programCounter == address else { return }
        state.programCounter = address &+ UInt64(Breakpoint.instruction.count)
        // If this fails, the vCPU stops here again.
        try? cpus[cpu].setState(state)
    }

    // MARK: Running

    /// Arms each vCPU's stops, and resumes or steps it.
    ///
    /// - Parameter kinds: one for each vCPU.
    func resume(_ kinds: [Request.Resumption.Kind]) throws(HypervisorError) {
        for (cpu, kind) in kinds.enumerated() {
            var wanted = DebugStops()
            wanted.isStepping = kind == .step
            wanted.hasBreakpoints = memory.hasBreakpoints
            wanted.watches = watches.pieces
            try set(wanted, of: cpu)
        }
        control.resume(kinds.map { $0 != .stay })
    }

    /// Removes all breakpoints and watchpoints.
    func clear() {
        memory.unplantAll()
        watches = Watches()
        for cpu in cpus.indices {
            // If this fails, software breakpoints at least are gone from memory.
            try? set(DebugStops(), of: cpu)
        }
    }

    private func set(_ wanted: DebugStops, of cpu: Int) throws(HypervisorError) {
        guard stops[cpu] != wanted else { return }
        try cpus[cpu].setStops(wanted)
        stops[cpu] = wanted
    }

    // MARK: Registers

    func registers(of cpu: Int) throws(HypervisorError) -> RegisterFile {
        RegisterFile(try cpus[cpu].state(), try cpus[cpu].floatingPoint())
    }

    func set(_ registers: RegisterFile, of cpu: Int) throws(HypervisorError) {
        if registers.isStateChanged { try cpus[cpu].setState(registers.state) }
        if registers.isFloatingChanged { try cpus[cpu].setFloatingPoint(registers.floating) }
    }
}
