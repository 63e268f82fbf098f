extension Unicode.Scalar {
    /// Whether it is shown by what it stands for: controls (C0, DEL, C1), marks and isolates that
    /// turn text around, separators of lines, and what takes no room and is not seen.
    public var isUnprintable: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E,
            0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
            true
        default: false
        }
    }
}
