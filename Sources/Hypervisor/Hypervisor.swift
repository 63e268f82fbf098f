import Linux

/// A virtual machine: memory, and vCPUs that run in it.
///
/// One conforming type a hypervisor. Callers are generic over it, so the run loop is compiled for
/// the one that is used.
public protocol Machine: ~Copyable {
    associatedtype CPU: VCPU

    /// Shows the guest `memory` from `guestAddress` on.
    ///
    /// The memory must outlive the machine. Both addresses are multiples of the page size.
    borrowing func map(
        _ memory: borrowing MemoryMapping, count: Int, at guestAddress: UInt64
    ) throws(HypervisorError)

    /// Creates the vCPU with this number; the first is 0.
    borrowing func makeVCPU(_ index: UInt32) throws(HypervisorError) -> CPU
}

/// One virtual processor, to be run by one thread.
public protocol VCPU: AnyObject {
    /// The rate of the guest's time stamp counter, in Hz.
    func counterFrequency() throws(HypervisorError) -> UInt64

    /// Sets the state in which the guest starts.
    func load(_ state: BootState) throws(HypervisorError)

    /// Runs the guest until it needs something.
    ///
    /// Whatever the last exit was about is complete with this call: a write needs nothing more,
    /// a read needs `finishRead` first.
    func run() throws(HypervisorError) -> Exit

    /// Supplies what the guest asked for with the last exit, a read; its width decides how many
    /// low bytes count.
    func finishRead(_ value: UInt64)

    /// Where the guest is. Not for the hot path.
    func instructionPointer() throws(HypervisorError) -> UInt64
}
