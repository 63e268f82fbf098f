import CLinux
import Linux

/// The system file descriptor of KVM, /dev/kvm.
public struct KVM: ~Copyable {
    let descriptor: FileDescriptor

    /// KVM_API_VERSION, the same in every kernel since 2007.
    private static let apiVersion: Int32 = 12

    public init(device: String = "/dev/kvm") throws(HypervisorError) {
        let opened = try Self.open(device)
        let version = linux_ioctl_value(opened.number, LINUX_KVM_GET_API_VERSION, 0)
        // ENOTTY: the file is not /dev/kvm, and is reported below as another version.
        if version == -1, linux_errno() != ENOTTY {
            throw .failed(operation: "ask for the API version", .current)
        }
        guard version == Self.apiVersion else {
            throw .version(found: version, needed: Self.apiVersion)
        }
        descriptor = opened
    }

    private static func open(_ device: String) throws(HypervisorError) -> FileDescriptor {
        do throws(Errno) {
            return try FileDescriptor.open(device, O_RDWR)
        } catch {
            throw .unavailable(device: device, error)
        }
    }

    /// KVM_CHECK_EXTENSION on the system; 0 if the extension is missing (KVM API 4.4).
    public borrowing func capability(_ number: Int32) -> Int32 {
        max(0, linux_ioctl_value(descriptor.number, LINUX_KVM_CHECK_EXTENSION, UInt(number)))
    }

    public borrowing func makeMachine() throws(HypervisorError) -> KVMMachine {
        guard capability(KVM_CAP_USER_MEMORY) > 0 else { throw .missing(capability: "user memory") }
        let kvm = descriptor.number
        let features = try KVMFeatures(of: self)
        let created = try attempt("create a virtual machine") { () throws(Errno) in
            try openIoctl(kvm, LINUX_KVM_CREATE_VM, features.machineType)
        }
        let runPageSize = linux_ioctl_value(descriptor.number, LINUX_KVM_GET_VCPU_MMAP_SIZE, 0)
        guard runPageSize > 0 else {
            throw .failed(operation: "size of the run page", .current)
        }
        return KVMMachine(
            descriptor: created, runPageSize: Int(runPageSize), features: features)
    }
}

/// Runs `body`; its errno becomes a `HypervisorError`.
func attempt<Value: ~Copyable>(
    _ operation: @autoclosure () -> String, _ body: () throws(Errno) -> Value
) throws(HypervisorError) -> Value {
    try wrapping({ HypervisorError.failed(operation: operation(), $0) }, body)
}

/// The descriptor that an ioctl returns.
func openIoctl(
    _ descriptor: Int32, _ request: UInt, _ argument: UInt
) throws(Errno) -> FileDescriptor {
    // KVM_CREATE_VM fails with EINTR if a signal is pending: retry.
    try FileDescriptor(owning: retrying { linux_ioctl_value(descriptor, request, argument) })
}
