import CLinux
import GuestArchive
import Linux

/// An open directory that only mappings make: a snapshot of its entries as of its opening, in the
/// kernel's layout (struct linux_dirent64).
///
/// As in uhyve, all inodes are 1, all offsets 0, and a position is the number of bytes of the
/// entries before it.
final class MappingListing: @unchecked Sendable {
    private let entries: [DirectoryEntries]
    private let budget: MemoryBudget
    /// The memory for the entries, as taken from the budget, in bytes.
    private var cost = 0
    private let lock = Lock()
    /// In bytes; never negative.
    private var position: Int64 = 0

    /// - Throws: ENOMEM if the budget for open listings is exceeded.
    init(
        _ path: GuestPath, of leaves: [FileTree.Leaf], _ budget: MemoryBudget
    ) throws(Errno) {
        self.budget = budget
        var seen: [[UInt8]] = []
        var entries: [DirectoryEntries] = []
        for leaf in leaves {
            guard let rest = leaf.path.rest(below: path), let name = rest.first else { continue }
            let isLeaf = rest.count == 1
            // Two mappings below the same name make one entry; a mapped file may be gone.
            guard isLeaf ? leaf.exists : !seen.contains(name) else { continue }
            seen.append(name)
            let isDirectory = !isLeaf || leaf.isDirectory
            let entry = DirectoryEntries(
                inode: 1, type: UInt8(isDirectory ? DT_DIR : DT_REG), name: name)
            // With the header of the array that holds it.
            let size = entry.count + 40
            guard budget.take(size) else {
                budget.give(cost)
                throw Errno(ENOMEM)
            }
            cost += size
            entries.append(entry)
        }
        self.entries = entries
    }

    deinit { budget.give(cost) }

    /// The next entries that fit into `room` bytes; none at the end. An entry that begins before
    /// the position is skipped.
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

    /// Moves to an absolute position, or forwards.
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

    /// The attributes of every such directory, as for stat(2).
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
        case .host(let hostPath): (try? hostPath.attributes([], followsLinks: false)) != nil
        case .archived: true
        }
    }
}
