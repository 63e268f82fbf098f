import CLinux
import Linux
import Tender

/// Taps and sockets that an option passes as an inherited descriptor: `@FD`.
enum InheritedTap {
    /// Whether `option` names a descriptor, valid or not.
    static func isMeant(by option: OptionValue) -> Bool {
        option.value.utf8.first == atSign
    }

    /// The descriptor that `option` names.
    static func number(_ option: OptionValue) -> Int32? {
        let digits = option.value.utf8.dropFirst()
        guard isMeant(by: option), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int32(String(decoding: digits, as: UTF8.self))
    }

    private static let atSign: UInt8 = 0x40

    static func attach(
        _ option: OptionValue, _ offload: OffloadOption
    ) throws(ModuleError) -> NetworkBackend {
        guard let number = number(option) else {
            throw .notAttached(option, "the number of a descriptor must follow the @")
        }
        guard number > 2 else {
            throw .notAttached(option, "0, 1 and 2 are the standard streams")
        }
        let inherited = try attaching(option, hint: hint) { () throws(Errno) in
            try InheritedDescriptor(number: number)
        }
        let carrier = try attaching(option, hint: hint) { () throws(Errno) in
            try Carrier(inherited)
        }
        if let obstacle = carrier.obstacle { throw .notAttached(option, obstacle) }
        let file = try attaching(option) { () throws(Errno) in try inherited.adopt() }
        if let size = carrier.virtioHeader {
            // The flag is the opener's to set; what it allows is ours.
            if offload == .off { try? file.refuseOffloads() } else { try? file.acceptOffloads() }
            return NetworkBackend(file, mtu: carrier.mtu, virtioHeader: size)
        }
        if carrier.isTap { try? file.refuseOffloads() }
        return NetworkBackend(file, mtu: carrier.mtu)
    }

    private static func hint(_ cause: Errno) -> String? {
        switch cause.code {
        case EBADF: "that descriptor was not open when we started"
        case EBADFD: "its opener has not attached it to an interface, or that was deleted"
        default: nil
        }
    }
}
