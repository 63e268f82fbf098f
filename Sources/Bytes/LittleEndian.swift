/// Checked access to little-endian integers in untrusted bytes.
extension [UInt8] {
    /// Loads an integer at an offset, which need not be aligned.
    ///
    /// - Returns: nil if the integer is not entirely inside.
    public func load<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type, at offset: Int)
        -> Value?
    {
        let size = Value.bitWidth / 8
        guard offset >= 0, size <= count, offset <= count - size else { return nil }
        var value: Value = 0
        for byte in self[offset..<offset + size].reversed() {
            value = value << 8 | Value(byte)
        }
        return value
    }

    /// - Returns: nil if the range is not entirely inside.
    public func slice(at offset: Int, count: Int) -> [UInt8]? {
        guard offset >= 0, count >= 0, count <= self.count, offset <= self.count - count else {
            return nil
        }
        return Array(self[offset..<offset + count])
    }

    public mutating func append<Value: FixedWidthInteger & UnsignedInteger>(
        littleEndian value: Value
    ) {
        for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }

    /// Overwrites bytes with an integer; the part past the end is dropped.
    public mutating func put<Value: FixedWidthInteger & UnsignedInteger>(
        _ value: Value, at offset: Int
    ) {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: value)
        put(bytes, at: offset)
    }

    /// Overwrites bytes; those past the end are dropped.
    public mutating func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
        for (index, byte) in zip(offset..<count, bytes) { self[index] = byte }
    }
}
