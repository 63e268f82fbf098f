import CLinux
import Linux

// KVM's errors.
extension HypervisorError {
    /// open(2) of the device failed.
    static func unavailable(device: String, _ errno: Errno) -> HypervisorError {
        HypervisorError("\(device): could not open: \(errno)\(hint(opening: errno))")
    }

    /// KVM_GET_API_VERSION returned another version.
    static func version(found: Int32, needed: Int32) -> HypervisorError {
        HypervisorError("KVM: API version is \(found), but \(needed) is needed")
    }

    /// The kernel lacks a capability that every guest needs.
    static func missing(capability: String) -> HypervisorError {
        HypervisorError("KVM: this kernel lacks \(capability)")
    }

    /// A KVM ioctl failed.
    static func failed(operation: String, _ errno: Errno) -> HypervisorError {
        HypervisorError("KVM: \(operation): \(errno)\(hint(errno))")
    }

    /// The host's TSC is unstable, so that KVM reports no frequency.
    static var unstableCounter: HypervisorError {
        HypervisorError("KVM: host TSC is unstable: its frequency cannot be told")
    }

    private static func hint(opening errno: Errno) -> String {
        switch errno.code {
        case EPERM:
            " (the device list of a container or unit leaves it out: add the device there, as by "
                + "--device=/dev/kvm or DeviceAllow=/dev/kvm)"
        case ENOENT: " (is the kvm module loaded, and virtualization enabled in the firmware?)"
        case EACCES: " (is this user in group kvm?)"
        // The device node exists, but no driver has registered its number.
        case ENODEV, ENXIO:
            " (no driver stands for this device: load kvm_intel or kvm_amd, and enable "
                + "virtualization in the firmware)"
        default: ""
        }
    }

    private static func hint(_ errno: Errno) -> String {
        switch errno.code {
        // KVM starts a kernel thread when a guest first runs, which counts towards the limits.
        case EAGAIN:
            " (too many processes: KVM needs one more; see ulimit -u, and pids.max of the cgroup)"
        case EBUSY: " (another hypervisor uses the processor's virtualization)"
        case ENOMEM: " (\(Heap.limits))"
        default: ""
        }
    }
}
