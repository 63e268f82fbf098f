import ABI
import Architecture

/// A misuse of hypercalls that the guest does not survive.
public enum GuestFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// A guest-physical range outside guest memory, or without the rights for this access.
    case access(address: GuestAddress, count: UInt64)
    /// An access to a port that is no hypercall, or not as a hypercall is made.
    case port(UInt16)
    /// Indices in a shared ring that are further apart than the ring is long.
    case ring(count: UInt32, capacity: UInt32)
    /// A hypercall that no module serves.
    case hypercall(number: Int)

    /// The guest-physical address of the access, if it is one.
    package var address: UInt64? {
        if case .access(let address, _) = self { address.value } else { nil }
    }

    public var description: String {
        switch self {
        case .access(let address, let count):
            "Invalid guest access: gpa=\(address), sz=\(count)"
        case .ring(let count, let capacity):
            "Invalid guest ring: \(count) of at most \(capacity) places in use"
        case .port(let port):
            "Invalid guest port access: port=\(hexadecimal(UInt64(port)))"
        case .hypercall(let number) where number < HVT_HYPERCALL_COUNT || !Native.hasPorts:
            "Invalid guest hypercall: num=\(number)"
        case .hypercall(let number):
            // No hypercall of the ABI, and so reported as a port.
            "Invalid guest port access: port="
                + hexadecimal(UInt64(HVT_HYPERCALL_PIO_BASE) + UInt64(clamping: number))
        }
    }
}
