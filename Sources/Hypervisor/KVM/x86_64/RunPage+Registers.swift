import Architecture
import CLinux
import Linux

// The part of the shared page that is x86_64's. As in `RunPage`, every access is at an offset from the
// kernel's header.
extension RunPage {
    /// The details of a `.debug` exit.
    var debugExit: DebugExit {
        DebugExit(
            exception: load(LINUX_KVM_RUN_DEBUG_EXCEPTION, as: UInt32.self),
            address: load(LINUX_KVM_RUN_DEBUG_PC, as: UInt64.self),
            status: load(LINUX_KVM_RUN_DEBUG_DR6, as: UInt64.self))
    }

    /// Whether exits copy the general registers (kvm_valid_regs; KVM_CAP_SYNC_REGS; KVM API 5).
    var hasRegisters: Bool {
        get { load(LINUX_KVM_RUN_VALID_REGS, as: UInt64.self) & UInt64(KVM_SYNC_X86_REGS) != 0 }
        nonmutating set {
            let fields = newValue ? UInt64(KVM_SYNC_X86_REGS) : 0
            unsafe mapping.base.storeBytes(
                of: fields, toByteOffset: Int(LINUX_KVM_RUN_VALID_REGS), as: UInt64.self)
        }
    }

    /// RDI at the last exit, if `hasRegisters`.
    var rdi: UInt64 { load(LINUX_KVM_RUN_SYNC_RDI, as: UInt64.self) }

    /// The registers that KVM_RUN, called by `run`, copies out.
    func withRegisters(
        _ run: () throws(HypervisorError) -> Void
    ) throws(HypervisorError) -> Registers {
        let before = load(LINUX_KVM_RUN_VALID_REGS, as: UInt64.self)
        let wanted = UInt64(KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS)
        unsafe mapping.base.storeBytes(
            of: wanted, toByteOffset: Int(LINUX_KVM_RUN_VALID_REGS), as: UInt64.self)
        defer {
            unsafe mapping.base.storeBytes(
                of: before, toByteOffset: Int(LINUX_KVM_RUN_VALID_REGS), as: UInt64.self)
        }
        try run()
        return Registers(
            load(LINUX_KVM_RUN_SYNC_REGS, as: kvm_regs.self),
            load(LINUX_KVM_RUN_SYNC_SREGS, as: kvm_sregs.self))
    }

    /// Makes the next run set the changed registers (kvm_dirty_regs).
    ///
    /// - Parameter old: the registers that `withRegisters` just returned.
    func change(from old: Registers, to new: Registers) {
        var system = load(LINUX_KVM_RUN_SYNC_SREGS, as: kvm_sregs.self)
        system.take(new)
        let isSystemEqual = Registers(kvm_regs(old), system) == old
        unsafe mapping.base.storeBytes(
            of: kvm_regs(new), toByteOffset: Int(LINUX_KVM_RUN_SYNC_REGS), as: kvm_regs.self)
        unsafe mapping.base.storeBytes(
            of: system, toByteOffset: Int(LINUX_KVM_RUN_SYNC_SREGS), as: kvm_sregs.self)
        // The kernel clears the bits of the registers that it has set.
        let changed = UInt64(KVM_SYNC_X86_REGS) | (isSystemEqual ? 0 : UInt64(KVM_SYNC_X86_SREGS))
        unsafe mapping.base.storeBytes(
            of: changed, toByteOffset: Int(LINUX_KVM_RUN_DIRTY_REGS), as: UInt64.self)
    }
}
