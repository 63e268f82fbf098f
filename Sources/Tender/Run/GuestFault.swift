import ABI

/// Something that the guest did with its calls and that it does not survive.
public enum GuestFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// It named memory that it does not have, or may not use in this way.
    case access(address: GuestAddress, count: UInt64)
    /// It used an I/O port that is no hypercall, or not as a hypercall is made.
    case port(UInt16)
    /// It made a hypercall that nobody serves.
    case hypercall(number: Int)

    /// The guest-physical address that it is about, if it is about one.
    package var address: UInt64? {
        if case .access(let address, _) = self { address.value } else { nil }
    }

    public var description: String {
        switch self {
        case .access(let address, let count):
            "Invalid guest access: gpa=\(address), sz=\(count)"
        case .port(let port):
            "Invalid guest port access: port=\(hexadecimal(UInt64(port)))"
        case .hypercall(let number) where number < HVT_HYPERCALL_COUNT:
            "Invalid guest hypercall: num=\(number)"
        case .hypercall(let number):
            // No hypercall of the ABI's, and so a port like any other.
            "Invalid guest port access: port="
                + hexadecimal(UInt64(HVT_HYPERCALL_PIO_BASE) + UInt64(clamping: number))
        }
    }
}

/// As C's "0x%x" has it.
public func hexadecimal(_ value: UInt64) -> String {
    "0x" + String(value, radix: 16)
}
