extension X86_64 {
    /// Software and hardware breakpoints.
    public enum Breakpoint {
        /// The software breakpoint instruction: INT3.
        public static var instruction: [UInt8] { [0xCC] }
        /// The number of hardware breakpoints, DR0 to DR3 (Intel SDM volume 3, 18.2).
        public static var mostWatches: Int { 4 }
    }
}
