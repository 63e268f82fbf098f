import Architecture

/// A debugger's operations on a stopped vCPU.
public protocol DebuggedCPU: AnyObject {
    func state() throws(HypervisorError) -> Registers

    /// Sets the registers; of segments, only selectors and bases.
    func setState(_ state: Registers) throws(HypervisorError)

    func floatingPoint() throws(HypervisorError) -> FloatingPointState

    func setFloatingPoint(_ state: FloatingPointState) throws(HypervisorError)

    /// Arms breakpoints, watchpoints and single-stepping (KVM_SET_GUEST_DEBUG): `run` then returns
    /// `.debug`.
    func setStops(_ stops: DebugStops) throws(HypervisorError)

    /// The details of the last exit, if it was `.debug`.
    var debugExit: DebugExit { get }
}

/// The debug events that stop a vCPU.
public struct DebugStops: Equatable, Sendable {
    /// A hardware breakpoint or watchpoint.
    public struct Watch: Equatable, Sendable {
        public enum Kind: Sendable {
            case execution
            case write
            /// Reads and writes.
            case access
        }

        public let kind: Kind
        /// A multiple of the length.
        public let address: UInt64
        /// 1, 2, 4 or 8 bytes; 1 for `.execution`.
        public let length: UInt8

        public init(_ kind: Kind, address: UInt64, length: UInt8) {
            self.kind = kind
            self.address = address
            self.length = length
        }
    }

    /// Single-stepping.
    public var isStepping = false
    /// Software breakpoints (INT3 on x86_64).
    public var hasBreakpoints = false
    /// Up to `Breakpoint.mostWatches`; more are ignored.
    public var watches: [Watch] = []

    public init() {}
}

/// The cause of a `.debug` exit.
public struct DebugExit: Equatable, Sendable {
    /// The instruction pointer.
    public var address: UInt64
    public var isStep: Bool
    /// Whether the vCPU is at a software breakpoint.
    public var isBreakpoint: Bool
    /// The index of the watch that triggered, in `DebugStops.watches`.
    public var watch: Int?

    public init(
        address: UInt64, isStep: Bool = false, isBreakpoint: Bool = false, watch: Int? = nil
    ) {
        self.address = address
        self.isStep = isStep
        self.isBreakpoint = isBreakpoint
        self.watch = watch
    }
}
