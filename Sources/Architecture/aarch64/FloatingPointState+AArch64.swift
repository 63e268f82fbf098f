extension AArch64 {
    /// The vector registers, which hold floating point as well.
    public struct FloatingPointState: Equatable, Sendable {
        /// V0 to V31, with 16 bytes each.
        public var vectors = [[UInt8]](repeating: [UInt8](repeating: 0, count: 16), count: 32)
        /// FPSR.
        public var status: UInt32 = 0
        /// FPCR.
        public var control: UInt32 = 0

        public init() {}
    }
}
