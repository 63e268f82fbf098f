import Architecture
import Linux
import Rules

/// A virtual machine: guest memory and vCPUs.
///
/// One conforming type per hypervisor. Callers are generic over it, so that the run loop is
/// specialized.
public protocol Machine: ~Copyable {
    associatedtype CPU: VCPU

    /// Maps `memory` at guest-physical address `guestAddress` (KVM: a memory slot).
    ///
    /// Comes last: right after a memory slot KVM takes some milliseconds to set the filter of
    /// registers that a vCPU or interrupt controllers bring (an SRCU grace period that is not
    /// expedited).
    ///
    /// The memory must outlive the machine. Both addresses are page-aligned. Each call adds a
    /// range; overlapping ranges are refused.
    ///
    /// - Parameter parts: the parts of these `count` bytes that are the guest's, with its rights. A
    ///   hypervisor that cannot restrict a guest (KVM) ignores them, and all is the guest's.
    borrowing func map(
        _ memory: borrowing MemoryMapping, count: Int, at guestAddress: UInt64,
        parts: @autoclosure () -> [MemoryPart]
    ) throws(HypervisorError)

    /// Creates the vCPU with this number; the first is 0.
    borrowing func makeVCPU(_ index: UInt32) throws(HypervisorError) -> CPU

    /// The protections that this host's hypervisor lacks, each to follow "the kernel has no".
    borrowing func missingProtections() -> [String]
}

extension Machine where Self: ~Copyable {
    public borrowing func missingProtections() -> [String] { [] }

    /// Maps memory that the guest may read, write and execute.
    public borrowing func map(
        _ memory: borrowing MemoryMapping, count: Int, at guestAddress: UInt64
    ) throws(HypervisorError) {
        // For no range that the hypervisor would take.
        let end = guestAddress &+ UInt64(clamping: count)
        try map(
            memory, count: count, at: guestAddress,
            parts: end < guestAddress
                ? [] : [MemoryPart(guestAddress..<end, isWritable: true, isExecutable: true)])
    }
}

/// A part of guest memory with the guest's rights in it; reading is always one.
public struct MemoryPart: Equatable, Sendable {
    /// Guest-physical, page-aligned.
    public var addresses: Range<UInt64>
    public var isWritable: Bool
    public var isExecutable: Bool

    public init(_ addresses: Range<UInt64>, isWritable: Bool = false, isExecutable: Bool = false) {
        self.addresses = addresses
        self.isWritable = isWritable
        self.isExecutable = isExecutable
    }
}

/// A virtual CPU, run by one thread.
public protocol VCPU: AnyObject, SendableMetatype {
    /// Its back end.
    static var backEnd: BackEnd { get }

    /// The guest's TSC frequency, in Hz.
    func counterFrequency() throws(HypervisorError) -> UInt64

    /// Sets the initial register state.
    func load(_ state: BootState) throws(HypervisorError)

    /// Enters the guest and runs it until a VM exit (KVM_RUN).
    ///
    /// Completes the last exit first: a write needs nothing more, a read needs
    /// `InterruptCPU.finishRead` before.
    func run() throws(HypervisorError) -> Exit

    /// Makes the next `run` return `.interrupted` (immediate_exit). A `run` that has begun ends
    /// only with the next signal to its thread. Async-signal-safe; any thread may call it.
    func requestExit()

    /// Binds the vCPU's descriptor to the roles by which its back end states its system calls.
    func bind(in bindings: inout Bindings)

    /// The registers, after completing the last exit. Not for the hot path.
    func state() throws(HypervisorError) -> Registers

    /// The details of the last exit, if it was `.internalError` because the hypervisor could not
    /// emulate an instruction.
    var emulationFailure: EmulationFailure? { get }

    /// The debugger's view of the vCPU; nil if it can't be debugged.
    var debugged: (any DebuggedCPU)? { get }
}

extension VCPU {
    public var emulationFailure: EmulationFailure? { nil }
    public var debugged: (any DebuggedCPU)? { nil }
}

/// A machine with interrupts, and so timers, several vCPUs and devices.
public protocol InterruptMachine: Machine, ~Copyable where CPU: InterruptCPU {
    /// Adds the interrupt controllers (KVM_CREATE_IRQCHIP). Must precede the first vCPU.
    ///
    /// - Parameter hasTimer: whether to add the PIT (i8254), too.
    borrowing func addInterruptControllers(hasTimer: Bool) throws(HypervisorError)

    /// Creates the vCPU with this number, which is its APIC ID as well. It is runnable from the
    /// start, without an INIT-SIPI sequence.
    ///
    /// - Parameters:
    ///   - count: the number of vCPUs that the guest sees.
    ///   - brand: the processor brand string (CPUID), up to 47 ASCII characters.
    borrowing func makeVCPU(
        _ index: UInt32, of count: UInt32, brand: String
    ) throws(HypervisorError) -> CPU

    /// Makes the guest's stores to `doorbell` signal an eventfd instead of causing an exit
    /// (KVM_IOEVENTFD).
    ///
    /// - Parameter event: the eventfd's descriptor.
    borrowing func connect(_ doorbell: Doorbell, toEvent event: Int32) throws(HypervisorError)

    /// Makes each signal of an eventfd pulse an interrupt line (KVM_IRQFD).
    borrowing func connectEvent(_ event: Int32, toLine line: UInt32) throws(HypervisorError)

    /// Signals an eventfd at each end of interrupt (EOI) of this line, if the hypervisor can
    /// (KVM_CAP_IRQFD_RESAMPLE).
    ///
    /// - Parameter idle: another eventfd, which is never signalled and stays open.
    borrowing func connectEnds(
        ofLine line: UInt32, toEvent event: Int32, besides idle: Int32
    ) throws(HypervisorError)
}

/// A doorbell: a port or MMIO address where a store of any value notifies a device.
public enum Doorbell: Equatable, Sendable {
    case memory(address: UInt64)
    case port(UInt16)
}

/// A vCPU of an `InterruptMachine`.
public protocol InterruptCPU: VCPU {
    /// Supplies the value of the last exit, a port or MMIO read; its width decides how many low
    /// bytes count.
    func finishRead(_ value: UInt64)

    /// Makes every exit copy the general registers, if the hypervisor can (KVM_CAP_SYNC_REGS):
    /// makes `argument` cheap, and all exits slightly slower.
    func prefetchRegisters()

    /// The first argument's register in the C calling convention (RDI on x86_64), at the last exit.
    func argument() throws(HypervisorError) -> UInt64

    /// The paging state (control registers) at the last exit.
    func translation() throws(HypervisorError) -> AddressTranslation
}
