import CLinux
import Linux

/// Why there is no virtual machine, or no more.
public enum HypervisorError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The device could not be opened.
    case unavailable(device: String, Errno)
    /// The device speaks another version of its interface.
    case version(found: Int32, needed: Int32)
    /// The kernel lacks something that every guest needs.
    case missing(capability: String)
    /// An operation of the hypervisor failed.
    case failed(operation: String, Errno)
    /// The host's time stamp counter is of no use to guests.
    case unstableCounter

    public var description: String {
        switch self {
        case .unavailable(let device, let errno):
            "\(device): could not open: \(errno)\(Self.hint(opening: errno))"
        case .version(let found, let needed):
            "KVM: API version is \(found), but \(needed) is needed"
        case .missing(let capability):
            "KVM: this kernel lacks \(capability)"
        case .failed(let operation, let errno):
            "KVM: \(operation): \(errno)\(Self.hint(errno))"
        case .unstableCounter:
            "KVM: host TSC is unstable: its frequency cannot be told"
        }
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
