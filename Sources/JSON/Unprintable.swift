extension Unicode.Scalar {
    /// Whether it is shown as an escape: control characters (C0, DEL, C1), bidirectional marks and
    /// isolates, line separators, and invisible characters of zero width.
    public var isUnprintable: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E,
            0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
            true
        default: false
        }
    }
}
