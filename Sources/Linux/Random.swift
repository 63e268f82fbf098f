import CLinux

/// The kernel's random numbers.
public enum Random {
    public static func word() throws(Errno) -> UInt64 {
        var word: UInt64 = 0
        let size = MemoryLayout.size(ofValue: word)
        // The kernel fills in the word; it does so small a request whole or not at all.
        let count = try retrying { unsafe getrandom(&word, size, 0) }
        guard count == size else { throw Errno(EIO) }
        return word
    }
}
