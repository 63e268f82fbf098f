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
            "\(device): could not open: \(errno)\(Self.hint(errno))"
        case .version(let found, let needed):
            "KVM: API version is \(found), but \(needed) is needed"
        case .missing(let capability):
            "KVM: this kernel lacks \(capability)"
        case .failed(let operation, let errno):
            "KVM: \(operation): \(errno)"
        case .unstableCounter:
            "KVM: host TSC is unstable: its frequency cannot be told"
        }
    }

    private static func hint(_ errno: Errno) -> String {
        switch errno.code {
        case 2: " (is the kvm module loaded, and virtualization enabled in the firmware?)"
        case 13: " (is this user in group kvm?)"
        default: ""
        }
    }
}
