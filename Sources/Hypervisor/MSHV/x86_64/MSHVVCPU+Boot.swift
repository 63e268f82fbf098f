import Architecture
import CLinux

extension MSHVVCPU {
    public func load(_ state: BootState) throws(HypervisorError) {
        // All in one hypercall, since they must fit together.
        try set(
            [
                .init(LINUX_HV_CS, state.code), .init(LINUX_HV_DS, state.data),
                .init(LINUX_HV_ES, state.data), .init(LINUX_HV_FS, state.threadLocal),
                .init(LINUX_HV_GS, state.threadLocal), .init(LINUX_HV_SS, state.data),
                // A busy 64-bit TSS, present.
                .init(
                    LINUX_HV_TR, base: state.taskBase, limit: state.taskLimit, attributes: 0x8B),
                // Not present.
                .init(LINUX_HV_LDTR, base: 0, limit: 0, attributes: 0),
                .init(LINUX_HV_GDTR, tableAt: state.gdtBase, limit: state.gdtLimit),
                .init(LINUX_HV_IDTR, tableAt: state.idtBase, limit: state.idtLimit),
                // CR0.ET is always set.
                .init(LINUX_HV_CR0, state.cr0 | 1 << 4), .init(LINUX_HV_CR2, 0),
                .init(LINUX_HV_CR3, state.cr3), .init(LINUX_HV_CR4, state.cr4),
                .init(LINUX_HV_CR8, 0), .init(LINUX_HV_EFER, state.efer),
                .init(LINUX_HV_APIC_BASE, 0),
            ], for: "set the system registers")
        let (first, second) = state.arguments
        let general: [UInt64] = [
            // RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI; R8 to R15 are 0.
            0, 0, 0, 0, state.stackPointer, 0, second, first, 0, 0, 0, 0, 0, 0, 0, 0,
        ]
        try set(
            general.enumerated().map { .init(LINUX_HV_RAX + $0.offset, $0.element) } + [
                // Bit 1 is reserved and always set.
                .init(LINUX_HV_RIP, state.entry), .init(LINUX_HV_RFLAGS, 2),
                // As after FNINIT, and MXCSR as after a reset: all exceptions masked. After a reset
                // x87 exceptions are not, and no guest expects them.
                .init(LINUX_HV_FP_CONTROL, 0x37F), .init(LINUX_HV_XMM_CONTROL, 0, 0x1F80),
            ], for: "set the registers")
    }
}

extension MSHVRegister {
    /// A flat segment.
    init(_ name: Int, _ segment: BootState.Segment) {
        // P, S and G; L for 64-bit code, D/B for others.
        let attributes = UInt16(segment.type) | 0x8090 | (segment.long ? 1 << 13 : 1 << 14)
        self.init(
            name, base: 0, limit: .max, selector: segment.selector, attributes: attributes)
    }

    /// Attributes are the bits 40 to 55 of a descriptor.
    init(
        _ name: Int, base: UInt64, limit: UInt32, selector: UInt16 = 0, attributes: UInt16
    ) {
        let upper = UInt64(limit) | UInt64(selector) << 32 | UInt64(attributes) << 48
        self.init(name, base, upper)
    }

    init(_ name: Int, tableAt base: UInt64, limit: UInt16) {
        self.init(name, UInt64(limit) << 48, base)
    }
}
