// Little-endian numbers among bytes that anybody may have written.
extension [UInt8] {
    func word64(at offset: Int) -> UInt64? { word(at: offset, count: 8) }
    func word32(at offset: Int) -> UInt32? {
        word(at: offset, count: 4).map { UInt32(truncatingIfNeeded: $0) }
    }

    /// - Returns: nil if there are not that many bytes.
    private func word(at offset: Int, count width: Int) -> UInt64? {
        guard offset >= 0, offset <= count, width <= count - offset else { return nil }
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(self[offset + index]) << UInt64(index * 8) }
        return value
    }

    /// Text that ends at a zero; what a terminal might take for a command becomes a question mark.
    func text(at offset: Int, most: Int) -> String {
        let bytes = dropFirst(offset).prefix(most).prefix { $0 != 0 }
        return String(
            decoding: bytes.map { 0x20..<0x7F ~= $0 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }

    mutating func put(_ value: UInt32, at offset: Int) {
        put((0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) }, at: offset)
    }

    mutating func put(_ value: UInt64, at offset: Int) {
        put((0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }, at: offset)
    }

    /// As many as there is room for.
    mutating func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
        for (index, byte) in zip(offset..<count, bytes) { self[index] = byte }
    }
}
