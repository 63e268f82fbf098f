import CLinux

/// Where the parts of a frame with a TCP segment are, from the start of its array.
struct TCPFrame: Equatable {
    let isIPv6: Bool
    /// Of the IP header.
    let network: Int
    /// Of the TCP header.
    let transport: Int
    let payload: Int
    let end: Int

    var payloadSize: Int { end - payload }

    /// Flags of TCP (RFC 9293, 3.1).
    static let fin: UInt8 = 0x01
    static let push: UInt8 = 0x08
    static let acknowledge: UInt8 = 0x10
    /// CWR (RFC 3168).
    static let congestion: UInt8 = 0x80
    /// Offsets in the TCP header.
    static let sequence = 4
    static let flags = 13
    static let checksum = 16
    /// Offsets in the IPv4 header, and the IPv6 one.
    static let identification = 4
    static let headerChecksum = 10
    static let ipv6HeaderSize = 40
    private static let ipv4HeaderSize = 20
    private static let tcpHeaderSize = 20

    /// The frame in `range` of `bytes`, if there is IP before, and TCP at, `transport`.
    ///
    /// What is between IPv6's own header and TCP's is not looked at, nor what sizes the headers tell.
    init?(_ bytes: [UInt8], _ range: Range<Int>, transport: Int, isIPv6: Bool) {
        guard let network = Self.network(bytes, range, isIPv6: isIPv6) else { return nil }
        let smallest = isIPv6 ? Self.ipv6HeaderSize : Self.ipv4HeaderSize
        guard network + smallest <= transport, transport + Self.tcpHeaderSize <= range.upperBound,
            bytes[network] >> 4 == (isIPv6 ? 6 : 4)
        else { return nil }
        if !isIPv6 {
            let size = Int(bytes[network] & 15) * 4
            guard size >= smallest, network + size == transport else { return nil }
        }
        let size = Int(bytes[transport + 12] >> 4) * 4
        guard size >= Self.tcpHeaderSize, transport + size <= range.upperBound else { return nil }
        self.isIPv6 = isIPv6
        self.network = network
        self.transport = transport
        payload = transport + size
        end = range.upperBound
    }

    /// The frame in `range` of `bytes`, if it is one whole TCP segment without a VLAN tag, IPv6
    /// extension headers, or bytes after it.
    init?(whole bytes: [UInt8], _ range: Range<Int>) {
        let network = range.lowerBound + Int(ETH_HLEN)
        guard range.count >= Int(ETH_HLEN) + Self.ipv4HeaderSize + Self.tcpHeaderSize else {
            return nil
        }
        let rest = range.upperBound - network
        switch Int32(bytes.network16(at: network - 2)) {
        case ETH_P_IP:
            // Neither more fragments nor an offset: only "don't fragment" may be set.
            guard bytes[network + 9] == UInt8(IPPROTO_TCP),
                bytes.network16(at: network + 6) & ~Self.dontFragment == 0,
                Int(bytes.network16(at: network + 2)) == rest
            else { return nil }
            let size = Int(bytes[network] & 15) * 4
            self.init(bytes, range, transport: network + size, isIPv6: false)
        case ETH_P_IPV6:
            guard rest > Self.ipv6HeaderSize, bytes[network + 6] == UInt8(IPPROTO_TCP),
                Int(bytes.network16(at: network + 4)) == rest - Self.ipv6HeaderSize
            else { return nil }
            self.init(
                bytes, range, transport: network + Self.ipv6HeaderSize, isIPv6: true)
        default: return nil
        }
    }

    static let dontFragment: UInt16 = 0x4000

    /// Where the IP header is, after up to two VLAN tags.
    private static func network(_ bytes: [UInt8], _ range: Range<Int>, isIPv6: Bool) -> Int? {
        var offset = range.lowerBound + Int(ETH_HLEN)
        for _ in 0...2 {
            guard offset + ipv4HeaderSize <= range.upperBound else { return nil }
            switch Int32(bytes.network16(at: offset - 2)) {
            case ETH_P_8021Q, ETH_P_8021AD: offset += 4
            case ETH_P_IP: return isIPv6 ? nil : offset
            case ETH_P_IPV6: return isIPv6 ? offset : nil
            default: return nil
            }
        }
        return nil
    }

    // MARK: Sizes and checksums

    /// Stores the size that the IP header tells, and IPv4's checksum.
    ///
    /// - Parameter end: of the frame; at most 64 KiB after the headers.
    func setSize(_ bytes: inout [UInt8], at network: Int, transport: Int, end: Int) {
        if isIPv6 {
            bytes.setNetwork16(
                UInt16(truncatingIfNeeded: end - network - Self.ipv6HeaderSize), at: network + 4)
        } else {
            bytes.setNetwork16(UInt16(truncatingIfNeeded: end - network), at: network + 2)
            bytes.setNetwork16(0, at: network + Self.headerChecksum)
            var sum = Checksum()
            sum.add(bytes, network..<transport)
            bytes.setNetwork16(sum.value, at: network + Self.headerChecksum)
        }
    }

    /// The sum of the pseudo-header of a segment of `size` bytes, headers included (RFC 9293, 3.1;
    /// RFC 8200, 8.1). Only for frames without extension headers.
    func pseudoHeader(_ bytes: [UInt8], size: Int) -> Checksum {
        var sum = Checksum(UInt32(IPPROTO_TCP) + UInt32(truncatingIfNeeded: size))
        let addresses = isIPv6 ? network + 8..<network + 40 : network + 12..<network + 20
        sum.add(bytes, addresses)
        return sum
    }

    /// Whether the checksums, which are in the frame, are right.
    func isIntact(_ bytes: [UInt8]) -> Bool {
        if !isIPv6 {
            var sum = Checksum()
            sum.add(bytes, network..<transport)
            guard sum.value == 0 else { return false }
        }
        var sum = pseudoHeader(bytes, size: end - transport)
        sum.add(bytes, transport..<end)
        return sum.value == 0
    }
}
