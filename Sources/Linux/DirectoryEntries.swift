/// Entries of a directory as getdents64(2) lays them out: of each an inode (8 bytes), an offset (8),
/// the entry's size (2), a type (1) and the name, which ends with zeros up to a multiple of 8.
public struct DirectoryEntries: Sendable {
    public let words: [UInt64]

    private static let headerCount = 19

    /// As the kernel filled it in.
    public init(words: [UInt64]) {
        self.words = words
    }

    /// A single entry, the offset of which is 0.
    ///
    /// - Parameter name: at most 255 bytes.
    public init(inode: UInt64, type: UInt8, name: [UInt8]) {
        let count = (Self.headerCount + name.count + 8) / 8
        var words = [UInt64](repeating: 0, count: count)
        words[0] = inode
        words[2] = UInt64(count * 8) | UInt64(type) << 16
        for (index, byte) in name.enumerated() {
            let offset = Self.headerCount + index
            words[offset / 8] |= UInt64(byte) << UInt64(offset % 8 * 8)
        }
        self.words = words
    }

    /// In bytes.
    public var count: Int { words.count * 8 }

    /// The names of all entries, "." and ".." among them if they are listed.
    public var names: [[UInt8]] {
        var names: [[UInt8]] = []
        var start = 0
        while start + Self.headerCount <= count {
            let size = Int(words[start / 8 + 2] & 0xFFFF)
            guard size >= Self.headerCount, start + size <= count else { break }
            var name: [UInt8] = []
            for offset in (start + Self.headerCount)..<(start + size) {
                let byte = UInt8(truncatingIfNeeded: words[offset / 8] >> UInt64(offset % 8 * 8))
                if byte == 0 { break }
                name.append(byte)
            }
            names.append(name)
            start += size
        }
        return names
    }
}
