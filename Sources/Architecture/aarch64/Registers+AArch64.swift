extension AArch64 {
    /// The registers of a stopped vCPU, without floating point.
    public struct Registers: Equatable, Sendable {
        /// X0 to X30.
        public private(set) var general = [UInt64](repeating: 0, count: 31)
        /// The stack pointer of exception level 1 (SP_EL1).
        public var sp: UInt64 = 0
        public var pc: UInt64 = 0
        /// PSTATE, in the layout of SPSR_EL1 (Arm ARM, C5.2.19).
        public var pstate: UInt64 = 0
        /// The stack pointer of exception level 0, which level 1 can select as well.
        public var sp0: UInt64 = 0
        /// The last exception's return address, its PSTATE, its syndrome (ESR_EL1) and the address
        /// that it was about (FAR_EL1).
        public var elr: UInt64 = 0
        public var spsr: UInt64 = 0
        public var esr: UInt64 = 0
        public var far: UInt64 = 0
        public var sctlr: UInt64 = 0
        public var tcr: UInt64 = 0
        public var ttbr0: UInt64 = 0
        public var ttbr1: UInt64 = 0
        public var vbar: UInt64 = 0

        public init() {}

        /// X0 to X30 by number; others read as 0, and ignore what is written.
        public subscript(number: Int) -> UInt64 {
            get { general.indices.contains(number) ? general[number] : 0 }
            set { if general.indices.contains(number) { general[number] = newValue } }
        }
    }
}

extension AArch64.Registers: RegisterSet {
    public static var programCounterName: String { "pc" }

    public var programCounter: UInt64 {
        get { pc }
        set { pc = newValue }
    }

    /// PSTATE.EL, and PSTATE.SP: level 1 uses its own stack pointer only if the latter is set.
    private var exceptionLevel: UInt64 { pstate >> 2 & 3 }
    private var usesStackPointer0: Bool { exceptionLevel == 0 || pstate & 1 == 0 }

    public var stackPointer: UInt64 {
        get { usesStackPointer0 ? sp0 : sp }
        set { if usesStackPointer0 { sp0 = newValue } else { sp = newValue } }
    }

    /// X29 (Procedure Call Standard for AArch64, 6.4.6).
    public var framePointer: UInt64 { self[29] }
    public var returnAddress: UInt64? { self[30] }
    public var faultAddress: UInt64 { far }

    public var translation: AArch64.AddressTranslation {
        AArch64.AddressTranslation(sctlr: sctlr, tcr: tcr, ttbr0: ttbr0, ttbr1: ttbr1)
    }

    public var isPrivileged: Bool { exceptionLevel != 0 }

    /// KVM never resets a vCPU of this architecture on its own.
    public var isReset: Bool { false }

    @inline(never) public var rows: [[(name: String, value: UInt64)]] {
        var rows: [[(name: String, value: UInt64)]] = []
        for first in stride(from: 0, to: general.count, by: 4) {
            rows.append(
                (first..<min(first + 4, general.count)).map { ("x\($0)", general[$0]) })
        }
        rows[rows.count - 1].append(("sp", stackPointer))
        rows.append([("pc", pc), ("pst", pstate), ("esr", esr), ("far", far)])
        return rows
    }

    /// The kernel's struct user_pt_regs.
    public var coreRegisters: [UInt64] { general + [stackPointer, pc, pstate] }

    public static var coreRegisterCount: Int { 34 }
    /// EM_AARCH64.
    public static var elfMachine: UInt16 { 183 }
    public static var longestInstruction: Int { 4 }
}
