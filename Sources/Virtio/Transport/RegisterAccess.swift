/// Bytes as the guest accesses them: `width` of them, at `offset` in a block of registers.
///
/// Registers are kept as 32-bit words, little endian; this is the one place that knows how
/// narrower, wider and unaligned accesses relate to them.
struct RegisterAccess {
    let offset: Int
    let width: Int

    /// - Returns: nil if no access is as wide as this.
    init?(offset: Int, width: UInt8) {
        guard (1...8).contains(width), offset >= 0 else { return nil }
        self.offset = offset
        self.width = Int(width)
    }

    /// The bytes that are read, from the words that hold them.
    func read(_ word: (_ index: Int) -> UInt32) -> UInt64 {
        var value: UInt64 = 0
        for byte in 0..<width {
            let position = offset + byte
            let bits = word(position / 4) >> UInt32(position % 4 * 8) & 0xFF
            value |= UInt64(bits) << UInt64(byte * 8)
        }
        return value
    }

    /// The bytes that are written, word by word: `mask` has ones for those of `bits` that count.
    func write(_ value: UInt64, _ store: (_ index: Int, _ bits: UInt32, _ mask: UInt32) -> Void) {
        for byte in 0..<width {
            let position = offset + byte
            let shift = UInt32(position % 4 * 8)
            let bits = UInt32(truncatingIfNeeded: value >> UInt64(byte * 8)) & 0xFF
            store(position / 4, bits << shift, 0xFF << shift)
        }
    }
}

/// What reading nothing at all yields.
func allOnes(width: UInt8) -> UInt64 {
    width >= 8 ? .max : 1 << (UInt64(width) * 8) - 1
}
