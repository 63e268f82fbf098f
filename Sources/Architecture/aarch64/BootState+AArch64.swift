extension AArch64 {
    /// A vCPU's initial state. Other registers are zero, or as after a reset.
    public struct BootState: Equatable, Sendable {
        public var entry: UInt64
        /// SP_EL1.
        public var stackPointer: UInt64
        /// The boot argument, in X0.
        public var argument: UInt64
        /// PSTATE, as in SPSR_EL1.
        public var pstate: UInt64
        public var sctlr: UInt64
        public var cpacr: UInt64
        public var mair: UInt64
        /// TCR_EL1 except for IPS, the size of physical addresses, which is the host's: see
        /// `TranslationControl.physicalSize`.
        public var tcr: UInt64
        /// The physical addresses of the root tables for the lower and the upper half.
        public var ttbr0: UInt64
        public var ttbr1: UInt64
        /// The virtual address of the exception vectors; 0 for none.
        public var vbar: UInt64

        public init(
            entry: UInt64, stackPointer: UInt64, argument: UInt64, pstate: UInt64, sctlr: UInt64,
            cpacr: UInt64, mair: UInt64, tcr: UInt64, ttbr0: UInt64, ttbr1: UInt64 = 0,
            vbar: UInt64 = 0
        ) {
            self.entry = entry
            self.stackPointer = stackPointer
            self.argument = argument
            self.pstate = pstate
            self.sctlr = sctlr
            self.cpacr = cpacr
            self.mair = mair
            self.tcr = tcr
            self.ttbr0 = ttbr0
            self.ttbr1 = ttbr1
            self.vbar = vbar
        }
    }

    /// Fields of TCR_EL1 (Arm ARM, D19.2.139).
    public enum TranslationControl {
        /// The field IPS for a host with this ID_AA64MMFR0_EL1: the host's size of physical
        /// addresses, but no more than `most`, since the encodings of larger sizes change the
        /// format of tables.
        public static func physicalSize(memoryFeatures: UInt64) -> UInt64 {
            // PARange, which has the encodings of IPS.
            min(memoryFeatures & 0xF, most) << 32
        }

        /// 40 bits, as in the reference tender.
        private static var most: UInt64 { 2 }
    }
}
