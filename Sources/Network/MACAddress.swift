import Linux
import Tender

/// An Ethernet MAC address.
public struct MACAddress: Equatable {
    /// First byte first.
    public let bytes: [UInt8]

    private static let colon: UInt8 = 0x3A

    /// Parses an option's value: six groups of one or two hexadecimal digits.
    public init(_ option: OptionValue) throws(ModuleError) {
        let groups = option.value.utf8.split(
            separator: Self.colon, omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for group in groups {
            guard let byte = Self.byte(group) else { throw Self.malformed(option) }
            bytes.append(byte)
        }
        guard bytes.count == 6 else { throw Self.malformed(option) }
        self.bytes = bytes
    }

    /// A random, locally administered unicast address.
    public static func random() throws(ModuleError) -> MACAddress {
        do throws(Errno) {
            return MACAddress(random: try Random.word())
        } catch {
            throw ModuleError("Could not make up a hardware address: \(error)")
        }
    }

    private init(random word: UInt64) {
        var bytes = (0..<6).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        // Sets the locally administered bit, clears the multicast bit.
        bytes[0] = bytes[0] & 0xFE | 0x02
        self.bytes = bytes
    }

    private static func byte(_ digits: Substring.UTF8View) -> UInt8? {
        guard digits.count == 1 || digits.count == 2 else { return nil }
        var byte: UInt8 = 0
        for digit in digits {
            guard let value = nibble(digit) else { return nil }
            byte = byte << 4 | value
        }
        return byte
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }

    private static func malformed(_ option: OptionValue) -> ModuleError {
        ModuleError(
            "Malformed argument to --\(option.name)"
                + (option.device.isEmpty ? "" : ":\(option.device)"), option: option,
            hint: "six groups of hexadecimal digits, such as 52:54:00:12:34:56")
    }
}
