import Architecture
import CLinux
import Linux

/// Registers before and after a change.
struct ChangedRegisters {
    var before: Registers
    var after: Registers
}

// KVM on this architecture does not copy registers with KVM_RUN: each is read by a call. What a
// debugger changes is set by the next run, so that a guest that never runs again takes no such call.
extension KVMVCPU {
    public var tellsStateByRunning: Bool { false }

    public func prefetchRegisters() {}

    public func state() throws(HypervisorError) -> Registers {
        // The program counter is at the instruction of the last exit, if that was a load or a store:
        // KVM advances it with the next run.
        if let changed = features.changed { return changed.after }
        return try readRegisters()
    }

    func readRegisters() throws(HypervisorError) -> Registers {
        var state = Registers()
        for number in 0..<31 { state[number] = try register(RegisterNumber.general(number)) }
        state.sp = try register(RegisterNumber.sp1)
        state.pc = try register(RegisterNumber.pc)
        state.pstate = try register(RegisterNumber.pstate)
        state.sp0 = try register(RegisterNumber.sp0)
        state.elr = try register(RegisterNumber.elr)
        state.spsr = try register(RegisterNumber.spsr)
        state.esr = try register(RegisterNumber.esr)
        state.far = try register(RegisterNumber.far)
        state.sctlr = try register(RegisterNumber.sctlr)
        state.tcr = try register(RegisterNumber.tcr)
        state.ttbr0 = try register(RegisterNumber.ttbr0)
        state.ttbr1 = try register(RegisterNumber.ttbr1)
        state.vbar = try register(RegisterNumber.vbar)
        return state
    }

    @inline(__always)
    func setChangedRegisters() throws(HypervisorError) {
        if features.changed != nil { try writeRegisters() }
    }

    @inline(never)
    private func writeRegisters() throws(HypervisorError) {
        guard let changed = features.changed else { return }
        let (before, after) = (changed.before, changed.after)
        for number in 0..<31 where before[number] != after[number] {
            try set(RegisterNumber.general(number), to: after[number])
        }
        try set(RegisterNumber.sp1, to: after.sp, from: before.sp)
        try set(RegisterNumber.pc, to: after.pc, from: before.pc)
        try set(RegisterNumber.pstate, to: after.pstate, from: before.pstate)
        try set(RegisterNumber.sp0, to: after.sp0, from: before.sp0)
        features.changed = nil
    }

    private func set(
        _ number: UInt64, to value: UInt64, from old: UInt64
    ) throws(HypervisorError) {
        if value != old { try set(number, to: value) }
    }

    /// The exit of an access that KVM can't emulate.
    static var emulationExit: Int32 { KVM_EXIT_ARM_NISV }

    /// ENOSYS: an access that KVM_EXIT_ARM_NISV would report, from a kernel without it.
    func exit(_ errno: Errno) -> Exit? {
        errno.code == ENOSYS ? .internalError(suberror: EmulationFailure.suberror) : nil
    }

    public var emulationFailure: EmulationFailure? {
        EmulationFailure(
            instruction: [],
            privilegedReason: "the processor tells nothing of it (no syndrome): what is not memory "
                + "takes loads and stores of one general register, without writeback")
    }

    public var debugged: (any DebuggedCPU)? { self }
}
