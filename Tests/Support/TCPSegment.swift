/// An Ethernet frame with a segment of TCP, to be made with any fields. Its checksums are right.
public struct TCPSegment: Sendable {
    public var isIPv6 = false
    /// VLAN tags (802.1Q), outermost first.
    public var tags: [UInt16] = []
    public var source: UInt8 = 2
    public var destination: UInt8 = 1
    /// Of IPv4.
    public var identification: UInt16 = 100
    /// Of IPv4: "don't fragment", "more fragments", and an offset.
    public var fragment: UInt16 = 0
    public var trafficClass: UInt8 = 0
    public var hops: UInt8 = 64
    /// Of IPv4; a multiple of 4 bytes.
    public var networkOptions: [UInt8] = []
    /// Of IPv6, between its header and TCP: a destination-options header if not empty.
    public var extensionHeader: [UInt8] = []
    public var sourcePort: UInt16 = 4000
    public var destinationPort: UInt16 = 80
    public var sequence: UInt32 = 1_000_000
    public var acknowledgement: UInt32 = 5
    /// FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128.
    public var flags: UInt8 = 16
    public var window: UInt16 = 1024
    public var urgent: UInt16 = 0
    /// Of TCP; a multiple of 4 bytes.
    public var options: [UInt8] = []
    public var payload: [UInt8] = []

    public init() {}

    public init(_ change: (inout TCPSegment) -> Void) {
        change(&self)
    }

    /// The size of the headers before TCP's.
    public var transport: Int {
        14 + tags.count * 4 + (isIPv6 ? 40 + extensionHeader.count : 20 + networkOptions.count)
    }

    public var headerSize: Int { transport + 20 + options.count }

    /// The frame. With `isPartial`, TCP's checksum is only that of the pseudo-header, not inverted.
    public func frame(isPartial: Bool = false) -> [UInt8] {
        var frame: [UInt8] = [2, 0, 0, 0, 0, destination, 2, 0, 0, 0, 0, source]
        for tag in tags { frame += bytes(0x8100) + bytes(tag) }
        frame += bytes(isIPv6 ? 0x86DD : 0x0800)
        var segment = bytes(sourcePort) + bytes(destinationPort)
        segment += bytes(UInt16(sequence >> 16)) + bytes(UInt16(truncatingIfNeeded: sequence))
        segment += bytes(UInt16(acknowledgement >> 16))
        segment += bytes(UInt16(truncatingIfNeeded: acknowledgement))
        segment += [UInt8((20 + options.count) / 4) << 4, flags] + bytes(window) + [0, 0]
        segment += bytes(urgent) + options + payload
        let addresses =
            isIPv6
            ? ([0xFD] + [UInt8](repeating: 0, count: 14) + [source])
                + ([0xFD] + [UInt8](repeating: 0, count: 14) + [destination])
            : [10, 0, 0, source, 10, 0, 0, destination]
        let pseudoHeader = addresses + [0, 6] + bytes(UInt16(truncatingIfNeeded: segment.count))
        let sum = Self.sum(pseudoHeader + (isPartial ? [] : segment))
        segment.replaceSubrange(16..<18, with: bytes(isPartial ? sum : ~sum))
        if isIPv6 {
            let size = UInt16(truncatingIfNeeded: extensionHeader.count + segment.count)
            frame += [0x60 | trafficClass >> 4, trafficClass << 4, 0, 0] + bytes(size)
            frame += [extensionHeader.isEmpty ? 6 : 60, hops] + addresses + extensionHeader
        } else {
            let size = 20 + networkOptions.count + segment.count
            var header = [UInt8(0x45 + networkOptions.count / 4), trafficClass]
            header += bytes(UInt16(truncatingIfNeeded: size)) + bytes(identification)
            header += bytes(fragment) + [hops, 6, 0, 0] + addresses + networkOptions
            header.replaceSubrange(10..<12, with: bytes(~Self.sum(header)))
            frame += header
        }
        return frame + segment
    }

    /// What each of the segments of a super-frame is, by the rules of TCP segmentation offload.
    public func cut(every size: Int) -> [TCPSegment] {
        let starts = Array(stride(from: 0, to: max(payload.count, 1), by: size))
        return starts.enumerated().map { index, start in
            TCPSegment { part in
                part = self
                part.payload = Array(payload[start..<min(start + size, payload.count)])
                part.identification &+= UInt16(truncatingIfNeeded: index)
                part.sequence &+= UInt32(start)
                if index < starts.count - 1 { part.flags &= ~(1 | 8) }
                if index > 0 { part.flags &= ~128 }
            }
        }
    }

    private func bytes(_ value: UInt16) -> [UInt8] {
        [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
    }

    /// The sum of RFC 1071, word by word, not inverted.
    public static func sum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for (index, byte) in bytes.enumerated() {
            sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte)
            sum = (sum & 0xFFFF) + sum >> 16
        }
        return UInt16(sum)
    }
}
