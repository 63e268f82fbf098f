extension AArch64 {
    /// What an exception changes, besides ESR_EL1 and FAR_EL1: the return address (ELR_EL1) and
    /// PSTATE (SPSR_EL1).
    public struct TrapFrame: Equatable, Sendable {
        public var pc: UInt64
        public var pstate: UInt64

        public init(pc: UInt64, pstate: UInt64) {
            self.pc = pc
            self.pstate = pstate
        }

        /// Restores the registers to the frame's values.
        public func apply(to registers: inout Registers) {
            registers.pc = pc
            registers.pstate = pstate
        }
    }
}
