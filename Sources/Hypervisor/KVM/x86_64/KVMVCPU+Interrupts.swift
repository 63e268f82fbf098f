import Architecture
import CLinux
import Linux

extension KVMVCPU: InterruptCPU {
    /// Makes the vCPU runnable without INIT-SIPI (KVM_SET_MP_STATE), and enables fast string
    /// operations.
    func makeRunnable() throws(HypervisorError) {
        // The kernel reads the structs during the calls.
        var state = kvm_mp_state(mp_state: UInt32(KVM_MP_STATE_RUNNABLE))
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_SET_MP_STATE, &state) == 0 else {
            throw .failed(operation: "make a vCPU runnable", .current)
        }
        var miscEnable = linux_kvm_one_msr()
        miscEnable.count = 1
        miscEnable.entry.index = 0x1A0
        miscEnable.entry.data = 1
        // The result is the number of MSRs set. A host without this one has nothing to enable.
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_SET_MSRS, &miscEnable) >= 0 else {
            throw .failed(operation: "set IA32_MISC_ENABLE", .current)
        }
    }

    public func prefetchRegisters() {
        page.hasRegisters = features.canSynchronize
    }

    @inline(__always)
    public func argument() throws(HypervisorError) -> UInt64 {
        page.hasRegisters ? page.rdi : try state().rdi
    }

    public func translation() throws(HypervisorError) -> AddressTranslation {
        // KVM_CAP_SYNC_REGS could copy these at each exit as well, but that costs more than this
        // call: few exits need them.
        let system = try systemRegisters()
        return AddressTranslation(
            cr0: system.cr0, cr3: system.cr3, cr4: system.cr4, efer: system.efer)
    }
}
