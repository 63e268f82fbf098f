/// A VM exit: the reason why a vCPU stopped running its guest.
///
/// A plain value, valid after the vCPU has resumed. Each case names the KVM_EXIT_* constant.
public enum Exit: Equatable, Sendable {
    /// KVM_EXIT_IO: the guest wrote `width` bytes to an I/O port.
    case portWrite(port: UInt16, width: UInt8, value: UInt32)
    /// KVM_EXIT_IO: the guest reads an I/O port; needs `finishRead` before the next run.
    case portRead(port: UInt16, width: UInt8)
    /// KVM_EXIT_IO: a string instruction (INS, OUTS) with several elements. `finishRead` supplies
    /// the same value for each element of INS.
    case portString(port: UInt16)
    /// KVM_EXIT_MMIO: the guest stored to an address that is not memory.
    case mmioWrite(address: UInt64, width: UInt8, value: UInt64)
    /// KVM_EXIT_MMIO: the guest loads from an address that is not memory; needs `finishRead`.
    case mmioRead(address: UInt64, width: UInt8)
    /// KVM_EXIT_HLT: the guest executed HLT without interrupt controllers to wake it.
    case halt
    /// KVM_EXIT_SHUTDOWN or KVM_EXIT_SYSTEM_EVENT: on x86_64, a triple fault.
    case shutdown
    /// EFAULT, or KVM_EXIT_MEMORY_FAULT with the address: the host forbids an access to memory.
    case memoryFault(address: UInt64?)
    /// KVM_EXIT_DEBUG: a breakpoint, a watchpoint or a single step.
    case debug
    /// KVM_EXIT_INTR, or EINTR: a signal, or immediate_exit.
    case interrupted
    /// KVM_EXIT_FAIL_ENTRY: the processor refused the vCPU's state.
    case entryFailure(reason: UInt64)
    /// KVM_EXIT_INTERNAL_ERROR: the hypervisor could not continue.
    case internalError(suberror: UInt32)
    /// Any other exit, with the hypervisor's number.
    case unknown(reason: UInt32)
}

/// An instruction that the hypervisor can't emulate (KVM_INTERNAL_ERROR_EMULATION).
public struct EmulationFailure: Equatable, Sendable {
    /// The suberror of `Exit.internalError`, for every back end.
    public static let suberror: UInt32 = 1

    /// Bytes from its address on, possibly past its end; empty if the hypervisor reports none.
    public var instruction: [UInt8]
    /// The reason if the hypervisor emulates all privileged code: a sentence.
    public var privilegedReason: String?

    public init(instruction: [UInt8], privilegedReason: String? = nil) {
        self.instruction = instruction
        self.privilegedReason = privilegedReason
    }
}
