extension X86_64 {
    /// What debuggers stop a guest by.
    public enum Breakpoint {
        /// The instruction that stands for a breakpoint: INT3.
        public static var instruction: UInt8 { 0xCC }
        /// In bytes.
        public static var length: UInt64 { 1 }
        /// How many addresses the processor itself can look out for (Intel SDM volume 3, 18.2).
        public static var mostWatches: Int { 4 }
    }
}
