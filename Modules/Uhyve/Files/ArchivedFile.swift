import CLinux
import GuestArchive
import Linux
import Tender

/// A file in the guest's archive, which the guest can only read.
struct ArchivedFile {
    let archive: Archive
    let member: Archive.Member

    /// - Parameter rest: the components below this file, which must be none.
    func open(_ rest: [[UInt8]], _ flags: OpenFlags) throws(Errno) -> OpenArchivedFile {
        guard rest.isEmpty, !flags.wantsDirectory else { throw Errno(ENOTDIR) }
        guard !flags.isExclusive else { throw Errno(EEXIST) }
        guard flags.access == O_RDONLY, !flags.truncates else { throw Errno(EROFS) }
        return OpenArchivedFile(self)
    }

    func attributes(_ rest: [[UInt8]]) throws(Errno) -> FileAttributes {
        guard rest.isEmpty else { throw Errno(ENOTDIR) }
        return attributes
    }

    var attributes: FileAttributes {
        var attributes = FileAttributes()
        // Unique among the members.
        attributes.inode = member.range.lowerBound
        attributes.linkCount = 1
        attributes.mode = FileAttributes.regular | 0o444
        attributes.size = Int64(clamping: member.size)
        attributes.blockSize = 4096
        attributes.blockCount = Int64(clamping: (member.size + 511) / 512)
        return attributes
    }

    /// The error for a change at `rest` below this file.
    func refusal(_ rest: [[UInt8]]) -> Errno { Errno(rest.isEmpty ? EROFS : ENOTDIR) }
}

/// An open archived file, with its own position.
final class OpenArchivedFile: @unchecked Sendable {
    let file: ArchivedFile
    private let lock = Lock()
    /// Guarded by `lock`; never negative.
    private var position: Int64 = 0

    init(_ file: ArchivedFile) {
        self.file = file
    }

    /// - Returns: the number of bytes read; 0 at the end.
    func read(into range: GuestRange, of memory: GuestMemory) throws(Errno) -> Int {
        try lock.withLock { () throws(Errno) in
            let count = try file.archive.read(
                file.member, at: UInt64(position), into: range, of: memory)
            // Can't overflow: a read ends within the file.
            position += Int64(count)
            return count
        }
    }

    func seek(_ offset: Int64, _ whence: Int32) throws(Errno) -> Int64 {
        try lock.withLock { () throws(Errno) in
            let start: Int64 =
                switch whence {
                case SEEK_SET: 0
                case SEEK_CUR: position
                default: Int64(clamping: file.member.size)
                }
            let (sum, overflow) = start.addingReportingOverflow(offset)
            guard !overflow else { throw Errno(EOVERFLOW) }
            guard sum >= 0 else { throw Errno(EINVAL) }
            position = sum
            return sum
        }
    }
}
