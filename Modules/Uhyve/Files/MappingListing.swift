import CLinux
import Linux

/// The open listing of a directory that only mappings make: its entries in the kernel's layout, of
/// what was mapped when it was opened.
///
/// As uhyve has it, all inodes are 1, all offsets 0, and a position is the number of bytes of the
/// entries before it.
final class MappingListing: @unchecked Sendable {
    private let entries: [DirectoryEntries]
    private let lock = Lock()
    /// In bytes; never negative.
    private var position: Int64 = 0

    init(_ path: GuestPath, of leaves: [FileTree.Leaf]) {
        var seen: [[UInt8]] = []
        var entries: [DirectoryEntries] = []
        for leaf in leaves {
            guard let rest = leaf.path.rest(below: path), let name = rest.first else { continue }
            let isLeaf = rest.count == 1
            // Two mappings below the same name make one entry; a mapped file may be gone.
            guard isLeaf ? leaf.exists : !seen.contains(name) else { continue }
            seen.append(name)
            let isDirectory = !isLeaf || leaf.isDirectory
            entries.append(
                DirectoryEntries(
                    inode: 1, type: UInt8(isDirectory ? DT_DIR : DT_REG), name: name))
        }
        self.entries = entries
    }

    /// The next entries that fit into `room` bytes, with those that a seek led into the midst of
    /// left out; none at the end.
    func next(room: Int) throws(Errno) -> DirectoryEntries {
        try lock.withLock { () throws(Errno) in
            var start: Int64 = 0
            var result: [UInt64] = []
            for entry in entries {
                let end = start + Int64(entry.words.count * 8)
                if start >= position {
                    guard (result.count + entry.words.count) * 8 <= room else {
                        guard !result.isEmpty else { throw Errno(EINVAL) }
                        break
                    }
                    result += entry.words
                    position = end
                }
                start = end
            }
            return DirectoryEntries(words: result)
        }
    }

    /// To an absolute position, or forwards.
    func seek(_ offset: Int64, _ whence: Int32) throws(Errno) -> Int64 {
        guard offset >= 0 else { throw Errno(EINVAL) }
        return try lock.withLock { () throws(Errno) in
            switch whence {
            case SEEK_SET: position = offset
            case SEEK_CUR:
                let (sum, overflow) = position.addingReportingOverflow(offset)
                guard !overflow else { throw Errno(EOVERFLOW) }
                position = sum
            default: throw Errno(EINVAL)
            }
            return position
        }
    }

    /// What stat(2) says of any such directory.
    static let attributes: FileAttributes = {
        var attributes = FileAttributes()
        attributes.inode = 1
        attributes.linkCount = 2
        attributes.mode = FileAttributes.directory | 0o755
        attributes.blockSize = 4096
        return attributes
    }()
}

extension FileTree.Leaf {
    fileprivate var exists: Bool {
        switch target {
        case .host(let place): (try? place.attributes([], followsLinks: false)) != nil
        case .archived: true
        }
    }
}
