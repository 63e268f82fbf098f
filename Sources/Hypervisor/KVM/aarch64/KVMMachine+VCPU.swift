import CLinux
import Linux

/// What KVM on this host offers.
struct KVMFeatures: Sendable {
    /// The argument of KVM_CREATE_VM: the size of guest-physical addresses in bits, or 0 for 40.
    let machineType: UInt

    /// For 4 GiB of memory and the addresses of hypercalls past them.
    private static let leastBits: Int32 = 33
    private static let standardBits: Int32 = 40
    private static let pageSize: Int32 = 4096

    init(of kvm: borrowing KVM) throws(HypervisorError) {
        // Segments are protected by the host in pages of that size.
        guard getpagesize() == Self.pageSize else {
            throw HypervisorError(
                "KVM: this host's kernel has pages of \(getpagesize() >> 10) KiB, and hvt guests need "
                    + "one with 4 KiB")
        }
        let bits = kvm.capability(KVM_CAP_ARM_VM_IPA_SIZE)
        guard bits == 0 || bits >= Self.leastBits else {
            throw .missing(capability: "guest addresses of \(Self.leastBits) bits")
        }
        machineType = bits == 0 || bits >= Self.standardBits ? 0 : UInt(bits)
    }
}

/// What a vCPU has of its own on this architecture.
struct VCPUFeatures {
    /// Registers that a debugger has changed, which the next run sets, and what they were before.
    var changed: ChangedRegisters?
    /// The armed breakpoints and watchpoints, by their number in the processor.
    var watches: [DebugStops.Watch] = []
}

extension KVMMachine {
    public borrowing func makeVCPU(_ index: UInt32) throws(HypervisorError) -> KVMVCPU {
        reportAccessesWithoutSyndrome()
        let (machine, size) = (descriptor.number, runPageSize)
        let vcpu = try attempt("create vCPU \(index)") { () throws(Errno) in
            let created = try openIoctl(machine, LINUX_KVM_CREATE_VCPU, UInt(index))
            let page = try RunPage(of: created.number, size: size)
            return KVMVCPU(descriptor: created, page: page, features: VCPUFeatures())
        }
        // No features: no PSCI, by which a guest could power off its vCPU unasked.
        var kind = kvm_vcpu_init()
        // The kernel fills in the struct, or reads it, during the calls.
        guard unsafe linux_ioctl(machine, LINUX_KVM_ARM_PREFERRED_TARGET, &kind) == 0 else {
            throw .failed(operation: "ask for the kind of processor", .current)
        }
        guard
            unsafe linux_ioctl(vcpu.descriptor.number, LINUX_KVM_ARM_VCPU_INIT, &kind) == 0
        else { throw .failed(operation: "initialize vCPU \(index)", .current) }
        return vcpu
    }

    /// Makes KVM exit (KVM_EXIT_ARM_NISV) where it can't tell what a load or store to an address
    /// that is not memory transfers. Without that, KVM_RUN fails with ENOSYS (KVM API 7.18).
    private borrowing func reportAccessesWithoutSyndrome() {
        guard capability(KVM_CAP_ARM_NISV_TO_USER) > 0 else { return }
        var reporting = kvm_enable_cap()
        reporting.cap = UInt32(KVM_CAP_ARM_NISV_TO_USER)
        // A failure leaves ENOSYS, which is understood as well.
        _ = unsafe linux_ioctl(descriptor.number, LINUX_KVM_ENABLE_CAP, &reporting)
    }
}
