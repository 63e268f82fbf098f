extension X86_64.FloatingPointState {
    /// gdb's register fctrl, fstat, ftag, fiseg, fioff, foseg, fooff or fop, by index.
    func controlValue(_ index: Int) -> UInt32 {
        switch index {
        case 0: UInt32(control)
        case 1: UInt32(status)
        case 2: fullTags
        case 3: UInt32(instruction >> 32 & 0xFFFF)
        case 4: UInt32(truncatingIfNeeded: instruction)
        case 5: UInt32(operand >> 32 & 0xFFFF)
        case 6: UInt32(truncatingIfNeeded: operand)
        default: UInt32(opcode & 0x7FF)
        }
    }

    mutating func setControlValue(_ index: Int, to value: UInt32) {
        switch index {
        case 0: control = UInt16(truncatingIfNeeded: value)
        case 1: status = UInt16(truncatingIfNeeded: value)
        case 2:
            tags = (0..<8).reduce(0) { $0 | (value >> (2 * $1) & 3 == 3 ? 0 : 1 << UInt8($1)) }
        case 3: instruction = instruction & 0xFFFF_FFFF | UInt64(value & 0xFFFF) << 32
        case 4: instruction = instruction & ~0xFFFF_FFFF | UInt64(value)
        case 5: operand = operand & 0xFFFF_FFFF | UInt64(value & 0xFFFF) << 32
        case 6: operand = operand & ~0xFFFF_FFFF | UInt64(value)
        default: opcode = UInt16(truncatingIfNeeded: value & 0x7FF)
        }
    }

    /// The full x87 tag word: two bits for each physical register (Intel SDM volume 1, 8.1.7).
    private var fullTags: UInt32 {
        let top = Int(status >> 11 & 7)
        return (0..<8).reduce(0) { tags, index in
            tags | tag(index, stack[(index + 8 - top) % 8]) << UInt32(2 * index)
        }
    }

    private func tag(_ index: Int, _ bytes: [UInt8]) -> UInt32 {
        guard tags >> UInt8(index) & 1 != 0 else { return 3 }
        let exponent = UInt16(bytes[8]) | UInt16(bytes[9] & 0x7F) << 8
        let isZero = bytes.prefix(8).allSatisfy { $0 == 0 }
        if exponent == 0, isZero { return 1 }
        return exponent == 0x7FFF || exponent == 0 || bytes[7] & 0x80 == 0 ? 2 : 0
    }
}
