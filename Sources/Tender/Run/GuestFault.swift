import ABI
import Hypervisor

/// Something that the guest did and that it does not survive.
public enum GuestFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// It named memory that it does not have, or may not use in this way.
    case access(address: GuestAddress, count: UInt64)
    /// It used an I/O port that is no hypercall, or not as a hypercall is made.
    case port(UInt16)
    /// It made a hypercall that nobody serves.
    case hypercall(number: Int)
    /// It touched memory that the host protects. Not every kernel says where.
    case translation(instructionPointer: UInt64, address: UInt64? = nil)
    /// It had no handler for an exception; without the tender's own this is a triple fault.
    case exception(GuestException)
    /// It stopped in a way that nobody waits for.
    case unhandled(Exit, instructionPointer: UInt64)

    /// The guest-physical address that it is about, if it is about one.
    package var address: UInt64? {
        switch self {
        case .access(let address, _): address.value
        case .translation(_, let address): address
        case .unhandled(.mmioWrite(let address, _, _), _), .unhandled(.mmioRead(let address, _), _):
            address
        case .port, .hypercall, .exception, .unhandled: nil
        }
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
        case .translation(let instructionPointer, _):
            "KVM: host/guest translation fault: rip=\(hexadecimal(instructionPointer))"
        case .exception(let exception):
            Self.unhandled(.shutdown, instructionPointer: exception.rip).description
        case .unhandled(let exit, let instructionPointer):
            "KVM: unhandled exit: \(exit.words), rip=\(hexadecimal(instructionPointer))"
        }
    }
}

/// As C's "0x%x" has it.
public func hexadecimal(_ value: UInt64) -> String {
    "0x" + String(value, radix: 16)
}

extension Exit {
    /// KVM's number of the exit, which scripts look for, and what it means.
    package var words: String {
        switch self {
        case .halt: "exit_reason=0x5 (the guest executed HLT)"
        case .shutdown: "exit_reason=0x8 (triple fault)"
        case .debug: "exit_reason=0x4 (debug exception)"
        case .mmioWrite(let address, let width, _):
            "exit_reason=0x6 (\(width)-byte store to \(hexadecimal(address)), which is not memory)"
        case .mmioRead(let address, let width):
            "exit_reason=0x6 (\(width)-byte load from \(hexadecimal(address)), which is not memory)"
        case .entryFailure(let reason):
            "exit_reason=0x9 (entry failure, hardware reason \(hexadecimal(reason)))"
        case .internalError(let suberror):
            "exit_reason=0x11 (internal error, suberror \(hexadecimal(UInt64(suberror))))"
        case .memoryFault(let address):
            "exit_reason=0x27 (memory fault at \(hexadecimal(address ?? 0)))"
        case .portWrite(let port, _, _), .portRead(let port, _), .portString(let port):
            "exit_reason=0x2 (port \(hexadecimal(UInt64(port))))"
        case .interrupted: "exit_reason=0xa (interrupted)"
        case .unknown(let reason): "exit_reason=\(hexadecimal(UInt64(reason)))"
        }
    }
}
