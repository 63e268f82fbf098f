import CLinux
import Linux

// KVM's errors.
extension HypervisorError {
    /// The device could not be opened.
    static func unavailable(device: String, _ errno: Errno) -> HypervisorError {
        HypervisorError("\(device): could not open: \(errno)\(hint(opening: errno))")
    }

    /// The device speaks another version of its interface.
    static func version(found: Int32, needed: Int32) -> HypervisorError {
        HypervisorError("KVM: API version is \(found), but \(needed) is needed")
    }

    /// The kernel lacks something that every guest needs.
    static func missing(capability: String) -> HypervisorError {
        HypervisorError("KVM: this kernel lacks \(capability)")
    }

    /// An operation of KVM's failed.
    static func failed(operation: String, _ errno: Errno) -> HypervisorError {
        HypervisorError("KVM: \(operation): \(errno)\(hint(errno))")
    }

    /// The host's time stamp counter is of no use to guests.
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
        // There is a node, and no driver has its number.
        case ENODEV, ENXIO:
            " (no driver stands for this device: load kvm_intel or kvm_amd, and enable "
                + "virtualization in the firmware)"
        default: ""
        }
    }

    private static func hint(_ errno: Errno) -> String {
        switch errno.code {
        // KVM makes a thread for itself when a guest first runs, and that counts.
        case EAGAIN:
            " (too many processes: KVM needs one more; see ulimit -u, and pids.max of the cgroup)"
        case EBUSY: " (another hypervisor uses the processor's virtualization)"
        case ENOMEM: " (\(Heap.limits))"
        default: ""
        }
    }
}
