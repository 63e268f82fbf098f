/// KVM's numbers of registers (KVM API 4.68, Documentation/virt/kvm/api.rst): the architecture, the
/// size, a group, and an index in it.
enum RegisterNumber {
    /// KVM_REG_ARM64, 64 bits wide.
    private static var wide: UInt64 { 0x6030_0000_0000_0000 }
    private static var word: UInt64 { 0x6020_0000_0000_0000 }
    private static var vectorWide: UInt64 { 0x6040_0000_0000_0000 }
    /// KVM_REG_ARM_CORE; the index is an offset in struct kvm_regs, in words of 32 bits.
    private static var core: UInt64 { 0x10_0000 }
    /// KVM_REG_ARM64_SYSREG; the index is how MRS encodes the register.
    private static var system: UInt64 { 0x13_0000 }

    /// X0 to X30.
    static func general(_ number: Int) -> UInt64 { wide | core | UInt64(number) * 2 }
    /// SP_EL0.
    static var sp0: UInt64 { wide | core | 0x3E }
    static var pc: UInt64 { wide | core | 0x40 }
    static var pstate: UInt64 { wide | core | 0x42 }
    static var sp1: UInt64 { wide | core | 0x44 }
    static var elr: UInt64 { wide | core | 0x46 }
    static var spsr: UInt64 { wide | core | 0x48 }
    /// V0 to V31.
    static func vector(_ number: Int) -> UInt64 { vectorWide | core | 0x54 + UInt64(number) * 4 }
    static var fpsr: UInt64 { word | core | 0xD4 }
    static var fpcr: UInt64 { word | core | 0xD5 }

    // op0, op1, CRn, CRm and op2 take 2, 3, 4, 4 and 3 bits.
    static var sctlr: UInt64 { wide | system | 0xC080 }
    static var cpacr: UInt64 { wide | system | 0xC082 }
    static var ttbr0: UInt64 { wide | system | 0xC100 }
    static var ttbr1: UInt64 { wide | system | 0xC101 }
    static var tcr: UInt64 { wide | system | 0xC102 }
    static var esr: UInt64 { wide | system | 0xC290 }
    static var far: UInt64 { wide | system | 0xC300 }
    static var mair: UInt64 { wide | system | 0xC510 }
    static var vbar: UInt64 { wide | system | 0xC600 }
    /// ID_AA64MMFR0_EL1.
    static var mmfr0: UInt64 { wide | system | 0xC038 }
}
