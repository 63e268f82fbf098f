extension AArch64 {
    /// Software and hardware breakpoints.
    public enum Breakpoint {
        /// The software breakpoint instruction: BRK #0.
        public static var instruction: [UInt8] { [0x00, 0x00, 0x20, 0xD4] }
        /// The number of watchpoints that all processors have (Arm ARM, D2.9).
        public static var mostWatches: Int { 2 }
    }
}
