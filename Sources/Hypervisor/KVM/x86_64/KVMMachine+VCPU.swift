import CLinux
import Linux

/// What KVM on this host offers.
struct KVMFeatures: Sendable {
    let cpuid: CPUID
    let tellsCounterFrequency: Bool
    /// Whether it has a filter for MSRs.
    let filtersRegisters: Bool

    /// The argument of KVM_CREATE_VM.
    var machineType: UInt { 0 }

    init(cpuid: CPUID, tellsCounterFrequency: Bool, filtersRegisters: Bool) {
        self.cpuid = cpuid
        self.tellsCounterFrequency = tellsCounterFrequency
        self.filtersRegisters = filtersRegisters
    }

    init(of kvm: borrowing KVM) throws(HypervisorError) {
        let cpuid = try CPUID.supported(by: kvm.descriptor.number)
        // An error must not pass for an old kernel, since the guest would be less confined.
        let filter = linux_ioctl_value(
            kvm.descriptor.number, LINUX_KVM_CHECK_EXTENSION, UInt(KVM_CAP_X86_MSR_FILTER))
        guard filter >= 0 else {
            throw .failed(operation: "look for the filter of registers", .current)
        }
        self.init(
            cpuid: cpuid, tellsCounterFrequency: kvm.capability(KVM_CAP_GET_TSC_KHZ) > 0,
            filtersRegisters: filter > 0)
    }
}

/// What a vCPU has of its own on this architecture.
struct VCPUFeatures: Sendable {
    let tellsCounterFrequency: Bool
    /// MSR IA32_APIC_BASE; 0 in a machine without interrupt controllers.
    let apicBase: UInt64
    /// Whether KVM_RUN can copy registers out and in (KVM_CAP_SYNC_REGS).
    let canSynchronize: Bool
}

extension KVMMachine {
    public borrowing func missingProtections() -> [String] {
        features.filtersRegisters ? [] : ["filter for model-specific registers (before Linux 5.10)"]
    }

    public borrowing func makeVCPU(_ index: UInt32) throws(HypervisorError) -> KVMVCPU {
        try restrictRegisters(to: .withoutInterrupts)
        let cpuid = features.cpuid.normalized(
            Topology(id: index, count: 1), brand: Self.brand, registers: .withoutInterrupts)
        return try makeVCPU(index, cpuid, apicBase: 0)
    }

    /// The processor brand string. The host's would reveal its model and frequency.
    private static var brand: String { "Pinnace" }

    borrowing func makeVCPU(
        _ index: UInt32, _ cpuid: CPUID, apicBase: UInt64
    ) throws(HypervisorError) -> KVMVCPU {
        let (machine, size) = (descriptor.number, runPageSize)
        let needed = Int32(KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS)
        let features = VCPUFeatures(
            tellsCounterFrequency: features.tellsCounterFrequency, apicBase: apicBase,
            canSynchronize: capability(KVM_CAP_SYNC_REGS) & needed == needed)
        let vcpu = try attempt("create vCPU \(index)") { () throws(Errno) in
            let created = try openIoctl(machine, LINUX_KVM_CREATE_VCPU, UInt(index))
            let page = try RunPage(of: created.number, size: size)
            return KVMVCPU(descriptor: created, page: page, features: features)
        }
        try cpuid.set(on: vcpu.descriptor.number)
        return vcpu
    }
}
