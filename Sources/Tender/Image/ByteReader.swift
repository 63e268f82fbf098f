/// Little-endian integers out of bytes that nobody vouches for.
package struct ByteReader {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Returns: nil if the integer is not wholly inside.
    package func load<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type, at offset: Int)
        -> Value?
    {
        let size = Value.bitWidth / 8
        guard offset >= 0, size <= bytes.count, offset <= bytes.count - size else { return nil }
        var value: Value = 0
        for byte in bytes[offset..<offset + size].reversed() {
            value = value << 8 | Value(byte)
        }
        return value
    }

    /// - Returns: nil if the bytes are not wholly inside.
    package func slice(at offset: Int, count: Int) -> [UInt8]? {
        guard offset >= 0, count >= 0, count <= bytes.count, offset <= bytes.count - count else {
            return nil
        }
        return Array(bytes[offset..<offset + count])
    }
}

/// Appends `value` in little-endian order.
package func append<Value: FixedWidthInteger & UnsignedInteger>(
    _ value: Value, to bytes: inout [UInt8]
) {
    for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
    }
}
