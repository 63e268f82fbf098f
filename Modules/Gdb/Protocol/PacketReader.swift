/// Splits the byte stream from a debugger into packets (`$CONTENT#CHECKSUM`), acknowledgements and
/// Ctrl-C.
struct PacketReader {
    enum Item: Equatable {
        /// Its content.
        case packet([UInt8])
        /// A packet with a wrong checksum.
        case corrupt
        /// A packet that is longer than `mostBytes`.
        case oversized
        /// Ctrl-C.
        case interrupt
        /// A negative acknowledgement (`-`): the last packet is to be sent again.
        case refusal
    }

    /// The longest content of a packet on the wire, in either direction, in bytes (`PacketSize`).
    static let mostBytes = 0x4000

    private enum State {
        case between, content, escape, checksum, checksumEnd
    }

    private var state = State.between
    private var content: [UInt8] = []
    /// The length of the content on the wire, escapes included.
    private var count = 0
    private var sum: UInt8 = 0
    /// The value of the checksum's first digit; nil if that is not hexadecimal.
    private var high: UInt8?

    mutating func take(_ byte: UInt8) -> Item? {
        if byte == UInt8(ascii: "$"), state != .checksum, state != .checksumEnd {
            (state, count, sum) = (.content, 0, 0)
            content.removeAll(keepingCapacity: true)
            return nil
        }
        switch state {
        case .between:
            if byte == 0x03 { return .interrupt }
            return byte == UInt8(ascii: "-") ? .refusal : nil
        case .content, .escape:
            takeContent(byte)
            return nil
        case .checksum:
            high = Hex.value(byte)
            state = .checksumEnd
            return nil
        case .checksumEnd:
            state = .between
            guard let high, let low = Hex.value(byte), high << 4 | low == sum else {
                return .corrupt
            }
            return count > Self.mostBytes ? .oversized : .packet(content)
        }
    }

    private mutating func takeContent(_ byte: UInt8) {
        if byte == UInt8(ascii: "#") {
            state = .checksum
            return
        }
        sum &+= byte
        if count <= Self.mostBytes { count += 1 }
        let isEscaped = state == .escape
        if byte == UInt8(ascii: "}"), !isEscaped {
            state = .escape
            return
        }
        state = .content
        if count <= Self.mostBytes { content.append(isEscaped ? byte ^ 0x20 : byte) }
    }

    /// Frames `content` as a packet: escapes it and adds the checksum.
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
