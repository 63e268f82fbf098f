import Architecture
import Linux

/// A virtual machine: memory, and vCPUs that run in it.
///
/// One conforming type a hypervisor. Callers are generic over it, so the run loop is compiled for
/// the one that is used.
public protocol Machine: ~Copyable {
    associatedtype CPU: VCPU

    /// Shows the guest `memory` from `guestAddress` on.
    ///
    /// The memory must outlive the machine. Both addresses are multiples of the page size. Each call
    /// adds to what the guest has; what overlaps that is refused.
    borrowing func map(
        _ memory: borrowing MemoryMapping, count: Int, at guestAddress: UInt64
    ) throws(HypervisorError)

    /// Creates the vCPU with this number; the first is 0.
    borrowing func makeVCPU(_ index: UInt32) throws(HypervisorError) -> CPU

    /// What guests should be kept from and this host's hypervisor can't keep them from, each as what
    /// the kernel has no ... of.
    borrowing func missingProtections() -> [String]
}

extension Machine where Self: ~Copyable {
    public borrowing func missingProtections() -> [String] { [] }
}

/// One virtual processor, to be run by one thread.
public protocol VCPU: AnyObject, SendableMetatype {
    /// The back end that it is of.
    static var backEnd: BackEnd { get }

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

    /// Makes the next `run` return `.interrupted` (immediate_exit). One that has begun ends only with
    /// the next signal to the thread that makes it. To be called by any thread, and by handlers of
    /// signals.
    func requestExit()

    /// The number of the file descriptor that it is run by.
    var descriptorNumber: Int32 { get }

    /// Has exits bring the general registers along, if this hypervisor can: that makes `argument`
    /// cheap, and all exits a little dearer.
    func prefetchRegisters()

    /// The registers, after whatever the last exit was about is complete. Not for the hot path.
    func state() throws(HypervisorError) -> Registers

    /// Whether `state` needs no system call but the one that `run` makes.
    var tellsStateByRunning: Bool { get }

    /// What the last exit was about, if that was `.internalError` over an instruction that the
    /// hypervisor had to emulate and could not.
    var emulationFailure: EmulationFailure? { get }

    /// The vCPU as debuggers need it; nil if it can't be debugged.
    var debugged: (any DebuggedCPU)? { get }
}

extension VCPU {
    public var emulationFailure: EmulationFailure? { nil }
    public var debugged: (any DebuggedCPU)? { nil }
}

/// A machine whose guests have interrupts, and with them timers, several vCPUs and devices that
/// call for attention.
public protocol InterruptMachine: Machine, ~Copyable where CPU: InterruptCPU {
    /// Gives the machine its interrupt controllers. This comes before the first vCPU.
    ///
    /// - Parameter hasTimer: whether it gets the interval timer of old PCs, too.
    borrowing func addInterruptControllers(hasTimer: Bool) throws(HypervisorError)

    /// Creates the vCPU with this number, which is that of its interrupt controller as well. It
    /// runs as soon as a thread runs it, whatever its number.
    ///
    /// - Parameters:
    ///   - count: how many vCPUs the guest is to see.
    ///   - brand: what the processor calls itself, up to 47 characters of ASCII.
    borrowing func makeVCPU(
        _ index: UInt32, of count: UInt32, brand: String
    ) throws(HypervisorError) -> CPU

    /// Has the guest's stores to `doorbell` signal an event instead of ending a run.
    ///
    /// - Parameter event: the descriptor of an `EventDescriptor`.
    borrowing func connect(_ doorbell: Doorbell, toEvent event: Int32) throws(HypervisorError)

    /// Has each signal of an event raise an interrupt line, and lower it again.
    borrowing func connectEvent(_ event: Int32, toLine line: UInt32) throws(HypervisorError)

    /// Has an event signalled whenever the guest ends an interrupt of this line (EOI), if the
    /// hypervisor can.
    ///
    /// - Parameter idle: the descriptor of another event, which is never signalled and stays open.
    borrowing func connectEnds(
        ofLine line: UInt32, toEvent event: Int32, besides idle: Int32
    ) throws(HypervisorError)
}

/// Where a guest stores to, whatever it stores, to make itself heard.
public enum Doorbell: Equatable, Sendable {
    case memory(address: UInt64)
    case port(UInt16)
}

/// A vCPU of an `InterruptMachine`.
public protocol InterruptCPU: VCPU {
    /// The register in which C has a function's first argument, as it was at the last exit: RDI on
    /// x86_64.
    func argument() throws(HypervisorError) -> UInt64

    /// How the guest's addresses are translated, as it was at the last exit.
    func translation() throws(HypervisorError) -> AddressTranslation
}
