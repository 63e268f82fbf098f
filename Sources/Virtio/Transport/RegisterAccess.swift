/// A guest's register access: `width` bytes at `offset` in a block of registers.
///
/// Registers are kept as little-endian 32-bit words; only this type handles narrower, wider and
/// unaligned accesses.
struct RegisterAccess {
    let offset: Int
    let width: Int

    /// - Returns: nil if the width is invalid.
    init?(offset: Int, width: UInt8) {
        guard (1...8).contains(width), offset >= 0 else { return nil }
        self.offset = offset
        self.width = Int(width)
    }

    /// The value read, from the words that contain it.
    func read(_ word: (_ index: Int) -> UInt32) -> UInt64 {
        var value: UInt64 = 0
        for byte in 0..<width {
            let position = offset + byte
            let bits = word(position / 4) >> UInt32(position % 4 * 8) & 0xFF
            value |= UInt64(bits) << UInt64(byte * 8)
        }
        return value
    }

    /// Splits the value written into words; `mask` selects the bits of `bits` that are written.
    func write(_ value: UInt64, _ store: (_ index: Int, _ bits: UInt32, _ mask: UInt32) -> Void) {
        for byte in 0..<width {
            let position = offset + byte
            let shift = UInt32(position % 4 * 8)
            let bits = UInt32(truncatingIfNeeded: value >> UInt64(byte * 8)) & 0xFF
            store(position / 4, bits << shift, 0xFF << shift)
        }
    }
}

/// The value of a read without a device.
func allOnes(width: UInt8) -> UInt64 {
    width >= 8 ? .max : 1 << (UInt64(width) * 8) - 1
}
