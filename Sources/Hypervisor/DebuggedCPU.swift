/// What a debugger does to a vCPU that stands still.
public protocol DebuggedCPU: AnyObject {
    func state() throws(HypervisorError) -> CPUState

    /// Changes the registers, of segments only selectors and bases.
    func setState(_ state: CPUState) throws(HypervisorError)

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

    /// How many watches a processor has room for.
    public static var mostWatches: Int { 4 }

    /// Each instruction.
    public var isStepping = false
    /// The instruction that stands for a breakpoint: INT3.
    public var hasBreakpoints = false
    /// Up to `mostWatches`; what exceeds them is left out.
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

/// The registers of floating point, and the vectors that came with SSE.
public struct FloatingPointState: Equatable, Sendable {
    /// ST0 to ST7, with 10 bytes each.
    public var stack = [[UInt8]](repeating: [UInt8](repeating: 0, count: 10), count: 8)
    public var control: UInt16 = 0
    public var status: UInt16 = 0
    /// A bit for each register of the stack, by its place and not by its name, that is not empty.
    public var tags: UInt8 = 0
    public var opcode: UInt16 = 0
    public var instruction: UInt64 = 0
    public var operand: UInt64 = 0
    /// XMM0 to XMM15, with 16 bytes each.
    public var vectors = [[UInt8]](repeating: [UInt8](repeating: 0, count: 16), count: 16)
    /// MXCSR.
    public var vectorControl: UInt32 = 0

    public init() {}
}
