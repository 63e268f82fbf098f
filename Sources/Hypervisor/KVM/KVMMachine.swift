import CLinux
import Linux
import Synchronization

/// A KVM virtual machine, without interrupt controllers and timer unless they are added.
public struct KVMMachine: Machine, ~Copyable {
    let descriptor: FileDescriptor
    let runPageSize: Int
    let cpuid: CPUID
    let tellsCounterFrequency: Bool
    let filtersRegisters: Bool
    /// The number of memory slots used so far.
    private let slots = Atomic<UInt32>(0)

    init(
        descriptor: consuming FileDescriptor, runPageSize: Int, cpuid: CPUID,
        tellsCounterFrequency: Bool, filtersRegisters: Bool
    ) {
        self.descriptor = descriptor
        self.runPageSize = runPageSize
        self.cpuid = cpuid
        self.tellsCounterFrequency = tellsCounterFrequency
        self.filtersRegisters = filtersRegisters
    }

    public borrowing func missingProtections() -> [String] {
        filtersRegisters ? [] : ["filter for model-specific registers (before Linux 5.10)"]
    }

    public borrowing func map(
        _ memory: borrowing MemoryMapping, count: Int, at guestAddress: UInt64
    ) throws(HypervisorError) {
        guard count > 0, count <= memory.count else {
            throw .failed(operation: "map \(count) bytes of guest memory", Errno(EINVAL))
        }
        // A slot in use would be moved, not added to. The slot of a failed call stays unused.
        let slot = slots.add(1, ordering: .relaxed).oldValue
        // The mapping outlives the machine (see Machine.map), and the kernel checks the rest.
        var region = unsafe kvm_userspace_memory_region(
            slot: slot, flags: 0, guest_phys_addr: guestAddress, memory_size: UInt64(count),
            userspace_addr: UInt64(UInt(bitPattern: memory.base)))
        // The kernel reads the struct during the call.
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_SET_USER_MEMORY_REGION, &region) == 0
        else {
            throw .failed(operation: "map \(count) bytes of guest memory", .current)
        }
    }

    public borrowing func makeVCPU(_ index: UInt32) throws(HypervisorError) -> KVMVCPU {
        try restrictRegisters(to: .withoutInterrupts)
        let cpuid = cpuid.normalized(
            Topology(id: index, count: 1), brand: Self.brand, registers: .withoutInterrupts)
        return try makeVCPU(index, cpuid, apicBase: 0)
    }

    /// The processor brand string. The host's would reveal its model and frequency.
    private static var brand: String { "Pinnace" }

    /// KVM_CHECK_EXTENSION on the VM; 0 if the extension is missing (KVM API 4.4).
    borrowing func capability(_ number: Int32) -> Int32 {
        max(0, linux_ioctl_value(descriptor.number, LINUX_KVM_CHECK_EXTENSION, UInt(number)))
    }

    borrowing func makeVCPU(
        _ index: UInt32, _ cpuid: CPUID, apicBase: UInt64
    ) throws(HypervisorError) -> KVMVCPU {
        let (machine, size) = (descriptor.number, runPageSize)
        let tellsCounterFrequency = tellsCounterFrequency
        let needed = Int32(KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS)
        let canSynchronize = capability(KVM_CAP_SYNC_REGS) & needed == needed
        let vcpu = try attempt("create vCPU \(index)") { () throws(Errno) in
            let created = try openIoctl(machine, LINUX_KVM_CREATE_VCPU, UInt(index))
            let page = try RunPage(of: created.number, size: size)
            return KVMVCPU(
                descriptor: created, page: page, tellsCounterFrequency: tellsCounterFrequency,
                apicBase: apicBase, canSynchronize: canSynchronize)
        }
        try cpuid.set(on: vcpu.descriptor.number)
        return vcpu
    }
}
