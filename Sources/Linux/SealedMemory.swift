import CLinux

/// Bytes that this process can't change any more, nor make changeable once a sandbox forbids mprotect
/// and mmap. So a seccomp filter that pins a pointer to them pins what it points to: a path or a
/// struct, which filters can't look at.
///
/// What writes to read-only memory all the same is /proc/self/mem, where that is open.
@safe public final class SealedMemory: @unchecked Sendable {
    // Never written to after `init`.
    private let mapping: MemoryMapping

    /// - Parameter words: what is sealed. It begins at a page, and zeros follow to the page's end.
    public init(_ words: [UInt64]) throws(Errno) {
        let page = 4096
        let count = (max(words.count * 8, 1) + page - 1) / page * page
        mapping = try .anonymousPages(count)
        // There is room for all words, and the mapping is ours alone.
        unsafe words.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                unsafe mapping.base.copyMemory(from: start, byteCount: bytes.count)
            }
        }
        try mapping.protect(offset: 0, count: count, readable: true, writable: false)
    }

    /// Lives as long as this object.
    @unsafe public var base: UnsafeRawPointer { unsafe UnsafeRawPointer(mapping.base) }

    /// For a filter to compare with.
    public var address: UInt64 { UInt64(UInt(bitPattern: unsafe mapping.base)) }
}

/// A name in a directory that can't become another one.
public final class SealedName: Sendable {
    public let bytes: [UInt8]
    private let memory: SealedMemory

    /// - Parameter bytes: without zeros.
    public init(_ bytes: [UInt8]) throws(Errno) {
        var words = [UInt64](repeating: 0, count: bytes.count / 8 + 1)
        for (index, byte) in bytes.enumerated() {
            words[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8)
        }
        self.bytes = bytes
        memory = try SealedMemory(words)
    }

    public var address: UInt64 { memory.address }

    /// The name as a C string, which lives as long as this object.
    @unsafe var pointer: UnsafePointer<CChar> {
        unsafe memory.base.assumingMemoryBound(to: CChar.self)
    }
}

// Directories are removed in two steps, so that a filter can see which: by rename(2) to the sealed
// name, and then by that.
extension FileDescriptor {
    /// renameat2(2): gives what is in this very directory the sealed name, in the same directory.
    public borrowing func rename(_ name: [UInt8], to sealed: SealedName) throws(Errno) {
        try checkName(name)
        // Both names live as long as the call.
        _ = try checked(
            unsafe withPath(name) { name in
                unsafe linux_rename(number, name, number, sealed.pointer)
            })
    }

    /// unlinkat(2): removes the empty directory of that name from this one.
    public borrowing func removeDirectory(_ sealed: SealedName) throws(Errno) {
        // The name lives as long as the call.
        _ = try checked(unsafe unlinkat(number, sealed.pointer, AT_REMOVEDIR))
    }
}
