import CLinux
import Linux

/// A virtual machine of KVM's. It has neither interrupt controller nor timer, unless they are added.
public struct KVMMachine: Machine, ~Copyable {
    let descriptor: FileDescriptor
    let runPageSize: Int
    let cpuid: CPUID
    let tellsCounterFrequency: Bool

    public borrowing func map(
        _ memory: borrowing MemoryMapping, count: Int, at guestAddress: UInt64
    ) throws(HypervisorError) {
        guard count > 0, count <= memory.count else {
            throw .failed(operation: "map \(count) bytes of guest memory", Errno(EINVAL))
        }
        // The mapping outlives the machine (see Machine.map), and the kernel checks the rest.
        var region = unsafe kvm_userspace_memory_region(
            slot: 0, flags: 0, guest_phys_addr: guestAddress, memory_size: UInt64(count),
            userspace_addr: UInt64(UInt(bitPattern: memory.base)))
        // The kernel reads the struct during the call.
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_SET_USER_MEMORY_REGION, &region) == 0
        else {
            throw .failed(operation: "map \(count) bytes of guest memory", .current)
        }
    }

    public borrowing func makeVCPU(_ index: UInt32) throws(HypervisorError) -> KVMVCPU {
        try makeVCPU(index, cpuid, apicBase: 0)
    }

    /// How much of an extension this machine has; 0 for none (KVM API 4.4).
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
