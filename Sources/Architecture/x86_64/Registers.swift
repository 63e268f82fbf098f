extension X86_64 {
    /// The registers of a stopped vCPU, without floating point.
    public struct Registers: Equatable, Sendable {
        public struct Segment: Equatable, Sendable {
            public var selector: UInt16 = 0
            public var base: UInt64 = 0

            public init() {}
        }

        public var rax: UInt64 = 0
        public var rbx: UInt64 = 0
        public var rcx: UInt64 = 0
        public var rdx: UInt64 = 0
        public var rsi: UInt64 = 0
        public var rdi: UInt64 = 0
        public var rbp: UInt64 = 0
        public var rsp: UInt64 = 0
        public var r8: UInt64 = 0
        public var r9: UInt64 = 0
        public var r10: UInt64 = 0
        public var r11: UInt64 = 0
        public var r12: UInt64 = 0
        public var r13: UInt64 = 0
        public var r14: UInt64 = 0
        public var r15: UInt64 = 0
        public var rip: UInt64 = 0
        public var rflags: UInt64 = 0
        public var cs = Segment()
        public var ss = Segment()
        public var ds = Segment()
        public var es = Segment()
        public var fs = Segment()
        public var gs = Segment()
        public var cr0: UInt64 = 0
        /// The address of the last page fault.
        public var cr2: UInt64 = 0
        public var cr3: UInt64 = 0
        public var cr4: UInt64 = 0
        public var efer: UInt64 = 0

        public init() {}
    }
}

extension X86_64.Registers: RegisterSet {
    public static var programCounterName: String { "rip" }

    public var programCounter: UInt64 {
        get { rip }
        set { rip = newValue }
    }

    public var stackPointer: UInt64 {
        get { rsp }
        set { rsp = newValue }
    }

    public var framePointer: UInt64 { rbp }
    public var faultAddress: UInt64 { cr2 }

    public var translation: X86_64.AddressTranslation {
        X86_64.AddressTranslation(cr0: cr0, cr3: cr3, cr4: cr4, efer: efer)
    }

    public var isPrivileged: Bool { cs.selector & 3 == 0 }

    /// The reset vector, as RIP (Intel SDM volume 3, 11.1).
    private static var resetAddress: UInt64 { 0xFFF0 }

    /// A running guest has CR3 set, since it needs page tables: CR3 = 0 here means a reset.
    public var isReset: Bool { rip == Self.resetAddress && cr3 == 0 }

    @inline(never) public var rows: [[(name: String, value: UInt64)]] {
        [
            [("rax", rax), ("rbx", rbx), ("rcx", rcx), ("rdx", rdx)],
            [("rsi", rsi), ("rdi", rdi), ("rbp", rbp), ("rsp", rsp)],
            [("r8", r8), ("r9", r9), ("r10", r10), ("r11", r11)],
            [("r12", r12), ("r13", r13), ("r14", r14), ("r15", r15)],
            [("rip", rip), ("rfl", rflags), ("cr2", cr2), ("cr3", cr3)],
        ]
    }

    /// The kernel's struct user_regs_struct for x86_64.
    public var coreRegisters: [UInt64] {
        [
            r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, rax, rip,
            UInt64(cs.selector), rflags, rsp, UInt64(ss.selector), fs.base, gs.base,
            UInt64(ds.selector), UInt64(es.selector), UInt64(fs.selector), UInt64(gs.selector),
        ]
    }

    public static var coreRegisterCount: Int { 27 }
    /// EM_X86_64.
    public static var elfMachine: UInt16 { 62 }
    public static var longestInstruction: Int { 15 }
}
