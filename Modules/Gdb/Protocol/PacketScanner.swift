/// Scans the content of a packet from its beginning to its end.
struct PacketScanner {
    private(set) var rest: ArraySlice<UInt8>

    init(_ content: [UInt8]) {
        rest = content[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Skips this text, if it comes next.
    mutating func skip(_ text: StaticString) -> Bool {
        let bytes = Array(text.description.utf8)
        guard rest.starts(with: bytes) else { return false }
        rest = rest.dropFirst(bytes.count)
        return true
    }

    mutating func byte() -> UInt8? { rest.popFirst() }

    /// A hexadecimal number of up to 64 bits.
    mutating func number() -> UInt64? {
        var value: UInt64 = 0
        var isThere = false
        while let byte = rest.first, let digit = Hex.value(byte) {
            guard value >> 60 == 0 else { return nil }
            value = value << 4 | UInt64(digit)
            isThere = true
            rest.removeFirst()
        }
        return isThere ? value : nil
    }

    /// A hexadecimal number of at most `most`.
    mutating func count(upTo most: Int) -> Int? {
        guard let number = number(), number <= UInt64(most) else { return nil }
        return Int(number)
    }

    /// The bytes up to the next separator, which is skipped, or up to the end.
    mutating func field(until separator: Unicode.Scalar) -> ArraySlice<UInt8> {
        let separator = UInt8(ascii: separator)
        let end = rest.firstIndex(of: separator) ?? rest.endIndex
        let field = rest[rest.startIndex..<end]
        rest = end < rest.endIndex ? rest[(end + 1)...] : rest[end...]
        return field
    }
}
