import CLinux

/// How openat2 opens something: struct open_how of the kernel's.
struct OpenHow: Equatable {
    let flags: UInt64
    let mode: UInt64
    let resolve: UInt64

    init(_ flags: Int32, mode: UInt32, _ reach: Reach) {
        self.flags = UInt64(UInt32(bitPattern: flags | O_CLOEXEC))
        self.mode = UInt64(mode)
        resolve = UInt64(UInt32(bitPattern: reach.resolve))
    }
}

/// All ways in which something is opened for reading beneath a directory, in sealed memory.
///
/// openat2 gets flags and limits by a pointer, where a seccomp filter sees nothing of them. A filter
/// that pins a directory's descriptor and this table's address has the kernel hold the rest, without
/// Landlock: nothing outside the directory is opened, and nothing in it is changed, cut or made.
@safe public final class ReadingTable: Sendable {
    /// Of a table's addresses, the bits that tell its entries apart: 32 of 32 bytes each.
    public static let freeBits: UInt64 = (entrySize - 1) << 5
    private static let entrySize: UInt64 = 32

    private let entries: [OpenHow]
    private let memory: SealedMemory

    /// The table that `FileDescriptor.open` uses beneath directories. Set once, before there are other
    /// threads.
    private nonisolated(unsafe) static var current: ReadingTable?

    public static func use() throws(Errno) -> ReadingTable {
        if let current = unsafe current { return current }
        let table = try ReadingTable()
        unsafe current = table
        return table
    }

    private init() throws(Errno) {
        var entries: [OpenHow] = []
        for reach in [Reach.links, .noLinks, .sameMount] {
            for directory in [0, O_DIRECTORY] {
                // For the guest to read, as HostPath and TemporaryFiles do.
                for append in [0, O_APPEND] {
                    entries.append(
                        OpenHow(
                            O_RDONLY | O_NONBLOCK | O_NOCTTY | directory | append, mode: 0, reach))
                }
                entries.append(OpenHow(O_RDONLY | directory, mode: 0, reach))
                // To look at.
                entries.append(OpenHow(O_PATH | directory, mode: 0, reach))
            }
            entries.append(OpenHow(O_PATH | O_NOFOLLOW, mode: 0, reach))
        }
        // No slot is left empty: zeros would be a way to open anything.
        let most = Int(Self.freeBits / Self.entrySize) + 1
        var words: [UInt64] = []
        for index in 0..<most {
            let entry = entries[index < entries.count ? index : 0]
            words += [entry.flags, entry.mode, entry.resolve, 0]
        }
        self.entries = entries
        memory = try SealedMemory(words)
    }

    /// Of the first entry; `freeBits` are zeros in it.
    public var address: UInt64 { memory.address }

    /// openat2(2) with an entry of the table, or one of our own where that has none.
    static func open(
        _ directory: Int32, _ path: UnsafePointer<CChar>, _ how: OpenHow
    ) -> Int32 {
        if let table = unsafe current, let index = table.entries.firstIndex(of: how) {
            // There are as many entries in memory, of as many bytes.
            let entry = unsafe table.memory.base.advanced(by: index * Int(entrySize))
            return unsafe linux_openat2(
                directory, path, entry.assumingMemoryBound(to: open_how.self))
        }
        var entry = open_how(flags: how.flags, mode: how.mode, resolve: how.resolve)
        return unsafe linux_openat2(directory, path, &entry)
    }
}
