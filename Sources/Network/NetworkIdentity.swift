import Linux
import Tender

/// How a network knows the interface that a guest stands in for: by its MAC address, and by IP addresses
/// that are to be the guest's.
public struct NetworkIdentity: Sendable {
    let interface: String
    /// The bytes of the interface's MAC address, first byte first.
    public let mac: [UInt8]
    private let addresses: InterfaceAddresses

    /// - Returns: nil if it is no Ethernet interface.
    init?(_ interface: borrowing NetworkInterface) throws(Errno) {
        guard let mac = try interface.ethernetAddress() else { return nil }
        self.init(
            interface.name, mac: mac, try InterfaceAddresses(ofInterface: interface.index()))
    }

    init(_ interface: String, mac: [UInt8], _ addresses: InterfaceAddresses) {
        self.interface = interface
        self.mac = mac
        self.addresses = addresses
    }

    /// What stands in templates, in braces, and its value here; nil if the interface has none.
    private var values: [(name: String, what: String, value: String?)] {
        let ipv4 = addresses.ipv4
        let ipv6 = addresses.ipv6
        return [
            ("mac", "MAC address", Self.hexadecimal(mac, groups: 1, digits: 2)),
            ("ipv4", "IPv4 address", ipv4.map { "\(Self.text($0.bytes))/\($0.prefix)" }),
            ("address", "IPv4 address", ipv4.map { Self.text($0.bytes) }),
            ("netmask", "IPv4 address", ipv4.map { Self.text(Self.mask($0.prefix)) }),
            ("gateway", "route to an IPv4 gateway", addresses.ipv4Gateway.map(Self.text)),
            ("ipv6", "IPv6 address", ipv6.map { "\(Self.text($0.bytes))/\($0.prefix)" }),
            ("ipv6-gateway", "route to an IPv6 gateway", addresses.ipv6Gateway.map(Self.text)),
        ]
    }

    /// An argument for the guest, made of an option's value, as in `--ipv4={ipv4}`.
    ///
    /// - Parameter identity: that of the device which the option names, if it has one.
    public static func argument(
        _ option: OptionValue, at identity: NetworkIdentity?
    ) throws(ModuleError) -> [UInt8] {
        guard let identity else {
            throw ModuleError(
                "there is no interface to take addresses from", option: option,
                hint: "attach the device by wire:IFACE")
        }
        return try identity.argument(option)
    }

    private func argument(_ option: OptionValue) throws(ModuleError) -> [UInt8] {
        let values = values
        var result: [UInt8] = []
        var rest = option.value.utf8[...]
        while let start = rest.firstIndex(of: Self.opening) {
            result += rest[..<start]
            rest = rest[start...].dropFirst()
            let name = rest.prefix { $0 != Self.closing }
            guard name.endIndex < rest.endIndex,
                let value = values.first(where: { $0.name.utf8.elementsEqual(name) })
            else {
                throw ModuleError(
                    "'{\(String(decoding: name, as: UTF8.self))}' is none of "
                        + values.map { "{\($0.name)}" }.joined(separator: ", "), option: option)
            }
            guard let text = value.value else {
                throw ModuleError(
                    "\(interface) has no \(value.what)", option: option,
                    hint: "the engine's network gives it none, or it was given after the start")
            }
            result += text.utf8
            rest = rest[name.endIndex...].dropFirst()
        }
        return result + rest
    }

    private static let opening: UInt8 = 0x7B
    private static let closing: UInt8 = 0x7D

    // MARK: Text

    private static func mask(_ prefix: UInt8) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: 0xFF00 >> min(max(Int(prefix) - $0 * 8, 0), 8)) }
    }

    /// An IP address. Those of IPv6 with all their groups.
    private static func text(_ bytes: [UInt8]) -> String {
        bytes.count == 4
            ? bytes.map { "\($0)" }.joined(separator: ".")
            : hexadecimal(bytes, groups: 2, digits: 1)
    }

    /// - Parameters:
    ///   - groups: how many bytes there are between two colons.
    ///   - digits: how many digits a group has at least.
    private static func hexadecimal(_ bytes: [UInt8], groups: Int, digits: Int) -> String {
        stride(from: 0, to: bytes.count, by: groups).map { start in
            let number = bytes.dropFirst(start).prefix(groups).reduce(0) { $0 << 8 | UInt64($1) }
            let text = String(number, radix: 16)
            return String(repeating: "0", count: max(digits - text.utf8.count, 0)) + text
        }.joined(separator: ":")
    }
}
