/// Why a vCPU stopped running its guest.
///
/// A plain value: it stays true after the vCPU has run on.
public enum Exit: Equatable, Sendable {
    /// The guest wrote `width` bytes to an I/O port.
    case portWrite(port: UInt16, width: UInt8, value: UInt32)
    /// The guest reads an I/O port and wants `finishRead` before it runs on.
    case portRead(port: UInt16, width: UInt8)
    /// The guest used a string instruction (INS, OUTS) that repeats. With `finishRead`, INS gets
    /// one value again and again.
    case portString(port: UInt16)
    /// The guest stored to an address that is not memory.
    case mmioWrite(address: UInt64, width: UInt8, value: UInt64)
    /// The guest loads from an address that is not memory and wants `finishRead`.
    case mmioRead(address: UInt64, width: UInt8)
    /// The guest executed HLT and nothing could wake it.
    case halt
    /// The guest can't go on: on x86_64, a triple fault.
    case shutdown
    /// The guest touched memory in a way that the host forbids. Not every kernel says where.
    case memoryFault(address: UInt64?)
    /// A breakpoint or a single step.
    case debug
    /// A signal arrived.
    case interrupted
    /// The processor refused the vCPU's state.
    case entryFailure(reason: UInt64)
    /// The hypervisor could not go on.
    case internalError(suberror: UInt32)
    /// Nothing that a tender is prepared for; the number is the hypervisor's.
    case unknown(reason: UInt32)
}

/// An instruction that the hypervisor can't emulate.
public struct EmulationFailure: Equatable, Sendable {
    /// Of the internal error that stands for it, whatever the back end.
    public static let suberror: UInt32 = 1

    /// Bytes from its address on, perhaps more than belong to it; none if the hypervisor does not
    /// tell.
    public var instruction: [UInt8]
    /// Why the hypervisor emulates all privileged code, if it does: a sentence.
    public var privilegedReason: String?

    public init(instruction: [UInt8], privilegedReason: String? = nil) {
        self.instruction = instruction
        self.privilegedReason = privilegedReason
    }
}
