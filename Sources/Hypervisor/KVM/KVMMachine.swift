import CLinux
import Linux
import Synchronization

/// A KVM virtual machine, without interrupt controllers and timer unless they are added. What it has
/// of its own on each architecture is in the architecture's folder.
public struct KVMMachine: Machine, ~Copyable {
    let descriptor: FileDescriptor
    let runPageSize: Int
    let features: KVMFeatures
    /// The number of memory slots used so far.
    private let slots = Atomic<UInt32>(0)

    init(
        descriptor: consuming FileDescriptor, runPageSize: Int, features: KVMFeatures
    ) {
        self.descriptor = descriptor
        self.runPageSize = runPageSize
        self.features = features
    }

    public borrowing func map(
        _ memory: borrowing MemoryMapping, count: Int, at guestAddress: UInt64,
        parts: @autoclosure () -> [MemoryPart]
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

    /// KVM_CHECK_EXTENSION on the VM; 0 if the extension is missing (KVM API 4.4).
    borrowing func capability(_ number: Int32) -> Int32 {
        max(0, linux_ioctl_value(descriptor.number, LINUX_KVM_CHECK_EXTENSION, UInt(number)))
    }
}
