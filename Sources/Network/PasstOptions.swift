import Tender

/// The sub-options of `passt`, and the arguments of the program that they become.
struct PasstOptions {
    private(set) var mtu = NetworkBackend.standardMTU
    private var others: [String] = []

    private static let known = "tcp=, udp=, address=, gateway=, mtu="

    init(_ options: SubOptions) throws(ModuleError) {
        for (name, value) in options.all {
            switch name {
            case "tcp", "udp":
                guard Self.isPort(value) else {
                    throw options.malformed(
                        name, value,
                        hint: "\(name)=[ADDRESS/]PORT[-PORT][:PORT[-PORT]], as in \(name)=8080:80")
                }
                others += ["--\(name)-ports", value]
            case "address":
                let parts = Self.split(value, 0x2F)
                guard parts.count == 2, Self.isAddress(parts[0]), let bits = UInt8(parts[1]),
                    bits <= 32
                else {
                    throw options.malformed(
                        name, value, hint: "IPv4 and its prefix, as in address=10.0.2.15/24")
                }
                others += ["--address", parts[0], "--netmask", "\(bits)"]
            case "gateway":
                guard Self.isAddress(value) else {
                    throw options.malformed(name, value, hint: "IPv4, as in gateway=10.0.2.2")
                }
                others += ["--gateway", value]
            case "mtu": mtu = try options.mtu(value)
            default: throw options.unknown(name, known: Self.known)
            }
        }
    }

    /// The program's arguments, without its name.
    var arguments: [String] { ["--quiet", "--one-off", "--mtu", "\(mtu)"] + others }

    // MARK: Values

    private static func split(_ text: String, _ separator: UInt8) -> [String] {
        text.utf8.split(separator: separator, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Whether this is a port or a range of ports, with others of the guest's.
    private static func isPort(_ value: String) -> Bool {
        var parts = split(value, 0x2F)
        guard parts.count <= 2, let ports = parts.popLast() else { return false }
        if let address = parts.first, !isAddress(address) { return false }
        let ranges = split(ports, 0x3A)
        guard ranges.count <= 2 else { return false }
        let sizes = ranges.map(rangeSize)
        return sizes.allSatisfy { $0 != nil && $0 == sizes[0] }
    }

    /// The number of ports; nil if these are none.
    private static func rangeSize(_ text: String) -> Int? {
        let ends = split(text, 0x2D).map { end in
            end.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? Int(end) ?? 0 : 0
        }
        guard ends.count <= 2, let first = ends.first, let last = ends.last,
            1...65535 ~= first, first...65535 ~= last
        else { return nil }
        return last - first + 1
    }

    /// Whether this is an IPv4 address.
    private static func isAddress(_ text: String) -> Bool {
        let parts = split(text, 0x2E)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.utf8.count <= 3 && part.utf8.allSatisfy { 0x30...0x39 ~= $0 }
                    && UInt8(part) != nil
            }
    }
}
