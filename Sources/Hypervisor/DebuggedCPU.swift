import Architecture

/// What a debugger does to a vCPU that stands still.
public protocol DebuggedCPU: AnyObject {
    func state() throws(HypervisorError) -> Registers

    /// Changes the registers, of segments only selectors and bases.
    func setState(_ state: Registers) throws(HypervisorError)

    func floatingPoint() throws(HypervisorError) -> FloatingPointState

    func setFloatingPoint(_ state: FloatingPointState) throws(HypervisorError)

    /// What makes `run` return `.debug` from now on.
    func setStops(_ stops: DebugStops) throws(HypervisorError)

    /// What the last exit was about, if that was `.debug`.
    var debugExit: DebugExit { get }
}

/// What a vCPU stops for.
public struct DebugStops: Equatable, Sendable {
    /// An address for the processor to look out for.
    public struct Watch: Equatable, Sendable {
        public enum Kind: Sendable {
            case execution
            case write
            /// Reads as well as writes.
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

    /// Each instruction.
    public var isStepping = false
    /// The instruction that stands for a breakpoint.
    public var hasBreakpoints = false
    /// Up to `Breakpoint.mostWatches`; what exceeds them is left out.
    public var watches: [Watch] = []

    public init() {}
}

/// Why a vCPU stopped with `.debug`.
public struct DebugExit: Equatable, Sendable {
    /// Where the instruction pointer was.
    public var address: UInt64
    public var isStep: Bool
    /// It stands on an instruction for a breakpoint.
    public var isBreakpoint: Bool
    /// Which of the watches, by their index in `DebugStops.watches`.
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
