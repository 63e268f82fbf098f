/// Takes the stream that comes from a debugger apart, byte by byte, into packets and what is between
/// them: `$CONTENT#CHECKSUM`.
struct PacketReader {
    enum Item: Equatable {
        /// Its content.
        case packet([UInt8])
        /// One with a wrong checksum.
        case corrupt
        /// One that is longer than any that we accept.
        case oversized
        /// Ctrl-C.
        case interrupt
        /// The debugger wants our last packet again.
        case refusal
    }

    /// The longest content of a packet, as it is on the wire, in either direction.
    static let mostBytes = 0x4000

    private enum Place {
        case between, content, escape, checksum, checksumEnd
    }

    private var place = Place.between
    private var content: [UInt8] = []
    /// As it is on the wire.
    private var count = 0
    private var sum: UInt8 = 0
    /// The first digit of the checksum; nil if it is none.
    private var high: UInt8?

    mutating func take(_ byte: UInt8) -> Item? {
        if byte == UInt8(ascii: "$"), place != .checksum, place != .checksumEnd {
            (place, count, sum) = (.content, 0, 0)
            content.removeAll(keepingCapacity: true)
            return nil
        }
        switch place {
        case .between:
            if byte == 0x03 { return .interrupt }
            return byte == UInt8(ascii: "-") ? .refusal : nil
        case .content, .escape:
            takeContent(byte)
            return nil
        case .checksum:
            high = Hex.value(byte)
            place = .checksumEnd
            return nil
        case .checksumEnd:
            place = .between
            guard let high, let low = Hex.value(byte), high << 4 | low == sum else {
                return .corrupt
            }
            return count > Self.mostBytes ? .oversized : .packet(content)
        }
    }

    private mutating func takeContent(_ byte: UInt8) {
        if byte == UInt8(ascii: "#") {
            place = .checksum
            return
        }
        sum &+= byte
        if count <= Self.mostBytes { count += 1 }
        let isEscaped = place == .escape
        if byte == UInt8(ascii: "}"), !isEscaped {
            place = .escape
            return
        }
        place = .content
        if count <= Self.mostBytes { content.append(isEscaped ? byte ^ 0x20 : byte) }
    }

    /// A packet with this content.
    static func packet(_ content: [UInt8]) -> [UInt8] {
        var packet = [UInt8(ascii: "$")]
        var sum: UInt8 = 0
        func add(_ byte: UInt8) {
            packet.append(byte)
            sum &+= byte
        }
        for byte in content {
            switch byte {
            case UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "}"), UInt8(ascii: "*"):
                add(UInt8(ascii: "}"))
                add(byte ^ 0x20)
            default: add(byte)
            }
        }
        return packet + [UInt8(ascii: "#"), Hex.digit(sum >> 4), Hex.digit(sum & 0xF)]
    }
}
