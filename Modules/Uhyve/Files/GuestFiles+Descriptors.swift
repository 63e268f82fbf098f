import CLinux
import Linux
import Tender

// The guest's calls on descriptors. Those of the console, 0 to 2, are not served here.
extension GuestFiles {
    /// Closes a descriptor. For the console's it succeeds without closing anything.
    package func close(_ number: Int32) -> Int32 {
        if (0..<DescriptorTable.first).contains(number) { return 0 }
        return answer { () throws(Errno) in
            // The file itself is closed with its last reference, outside the lock.
            _ = try lock.withLock { () throws(Errno) in try table.remove(number) }
            return 0
        }
    }

    /// - Returns: the number of bytes read; 0 at the end.
    package func read(_ number: Int32, into range: GuestRange, of memory: GuestMemory) -> Int64 {
        answer { () throws(Errno) in
            switch try file(number) {
            case .host(let file) where !file.isDirectory:
                return Int64(try file.read(into: range, of: memory))
            case .archived(let file): return Int64(try file.read(into: range, of: memory))
            case .host, .listing: throw Errno(EBADF)
            }
        }
    }

    /// Writes all bytes, unless an error occurs.
    ///
    /// - Returns: the number of bytes written; an error only if none were.
    package func write(_ number: Int32, _ range: GuestRange, of memory: GuestMemory) -> Int64 {
        answer { () throws(Errno) in
            let file: HostFile
            switch try self.file(number) {
            case .host(let found): file = found
            case .archived: throw Errno(EROFS)
            case .listing: throw Errno(EBADF)
            }
            var rest = range
            repeat {
                do throws(Errno) {
                    let count = try file.write(rest, of: memory)
                    if count == 0 { break }
                    rest = rest.dropFirst(count)
                } catch {
                    guard rest.count < range.count else { throw error }
                    break
                }
            } while rest.count > 0
            return Int64(range.count - rest.count)
        }
    }

    /// - Returns: the new position.
    package func seek(_ number: Int32, offset: Int64, whence: Int32) -> Int64 {
        answer { () throws(Errno) in
            guard [SEEK_SET, SEEK_CUR, SEEK_END].contains(whence) else { throw Errno(EINVAL) }
            switch try file(number) {
            case .host(let file): return try file.descriptor.seek(offset, whence)
            case .archived(let file): return try file.seek(offset, whence)
            case .listing(let listing): return try listing.seek(offset, whence)
            }
        }
    }

    /// The next entries of a directory, as getdents64(2) stores them.
    ///
    /// - Returns: their size in bytes; 0 at the end.
    package func entries(_ number: Int32, into range: GuestRange, of memory: GuestMemory) -> Int64 {
        answer { () throws(Errno) in
            // The size of the C library's buffer. A guest gets the rest by calling again.
            let room = min(range.count, 32 << 10)
            let entries: DirectoryEntries
            switch try file(number) {
            case .host(let file): entries = try file.descriptor.entries(room: room)
            case .archived: throw Errno(ENOTDIR)
            case .listing(let listing): entries = try listing.next(room: room)
            }
            do throws(GuestFault) {
                for (index, word) in entries.words.enumerated() {
                    let address = range.start.value &+ UInt64(index * 8)
                    try memory.store(word, at: GuestAddress(address))
                }
            } catch {
                throw Errno(EFAULT)
            }
            return Int64(entries.count)
        }
    }

    package func attributes(of number: Int32) throws(Errno) -> FileAttributes {
        switch try file(number) {
        case .host(let file): try FileAttributes(of: file.descriptor)
        case .archived(let file): file.file.attributes
        case .listing: MappingListing.attributes
        }
    }

    /// The open file of a descriptor, which stays open as long as the caller holds it.
    @inline(__always)
    private func file(_ number: Int32) throws(Errno) -> OpenFile {
        try lock.withLock { () throws(Errno) in try table.file(number) }
    }
}
