extension X86_64 {
    /// The x87 and SSE registers.
    public struct FloatingPointState: Equatable, Sendable {
        /// ST0 to ST7, with 10 bytes each.
        public var stack = [[UInt8]](repeating: [UInt8](repeating: 0, count: 10), count: 8)
        public var control: UInt16 = 0
        public var status: UInt16 = 0
        /// The abridged tag word (FXSAVE): a bit for each physical x87 register that is not empty.
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
}
