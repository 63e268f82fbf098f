extension X86_64 {
    /// The frame that the processor pushes for an exception handler (Intel SDM volume 3, 7.14),
    /// without the error code.
    public struct TrapFrame: Equatable, Sendable {
        public var rip: UInt64
        public var cs: UInt64
        public var rflags: UInt64
        public var rsp: UInt64
        public var ss: UInt64

        public init(rip: UInt64, cs: UInt64, rflags: UInt64, rsp: UInt64, ss: UInt64) {
            self.rip = rip
            self.cs = cs
            self.rflags = rflags
            self.rsp = rsp
            self.ss = ss
        }

        /// Restores the registers to the frame's values.
        public func apply(to registers: inout Registers) {
            registers.rip = rip
            registers.rflags = rflags
            registers.rsp = rsp
            registers.cs.selector = UInt16(truncatingIfNeeded: cs)
            registers.ss.selector = UInt16(truncatingIfNeeded: ss)
        }
    }
}
