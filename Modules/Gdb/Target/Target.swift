import Architecture
import Hypervisor
import Linux
import Tender

/// A guest with all that a debugger does to it.
///
/// But for `control`, and `stop`, which belongs to the vCPUs' threads, it is used by the debugger's
/// thread alone, and only while all vCPUs stand still.
final class Target: @unchecked Sendable {
    let control: GuestControl
    let cpus: [any DebuggedCPU]
    let memory: PatchedMemory
    /// What was added to the addresses of the image's symbols.
    let bias: UInt64
    var watches = Watches()
    /// What each vCPU was last told to stop for.
    private var stops: [DebugStops]

    init(_ subject: Subject, _ window: MemoryWindow, tell: @escaping () -> Void) {
        cpus = subject.vcpus
        bias = subject.bias
        control = GuestControl(subject.threads, tell: tell)
        memory = PatchedMemory(subject.memory, window)
        stops = cpus.map { _ in DebugStops() }
    }

    /// What an exit means to a debugger; said on the vCPU's thread.
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
            // Where the hypervisor emulates all instructions, this may be one that it can't.
            let address = (try? cpus[cpu].state())?.programCounter
            if let address, memory.hasBreakpoint(at: address) { return .breakpoint }
            return .fault(Stop.Signal(exit))
        default:
            return .fault(Stop.Signal(exit))
        }
    }

    /// Past a breakpoint instruction of the guest's own, as it would be without a debugger.
    private func skipBreakpoint(of cpu: Int, at address: UInt64) {
        guard var state = try? cpus[cpu].state(), state.programCounter == address else { return }
        state.programCounter = address &+ Breakpoint.length
        // If this fails the vCPU stops here again.
        try? cpus[cpu].setState(state)
    }

    // MARK: Running

    /// Lets vCPUs run on.
    ///
    /// - Parameter kinds: for each vCPU.
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

    /// Takes all breakpoints out of the guest.
    func clear() {
        memory.unplantAll()
        watches = Watches()
        for cpu in cpus.indices {
            // What it could stop for is gone from memory at least.
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
