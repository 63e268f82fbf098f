import CLinux
import GuestArchive
import Linux

// The guest's calls on paths.
extension GuestFiles {
    /// - Returns: the descriptor.
    package func open(_ path: [UInt8], flags: Int32, mode: UInt32) -> Int32 {
        answer { () throws(Errno) in
            let path = try GuestPath(path)
            let flags = try OpenFlags(flags)
            let number = try lock.withLock { () throws(Errno) in try table.reserve() }
            do throws(Errno) {
                let file = try open(path, flags, mode: mode)
                lock.withLock { table.settle(number, file) }
                return number
            } catch {
                lock.withLock { table.settle(number, nil) }
                throw error
            }
        }
    }

    package func unlink(_ path: [UInt8]) -> Int32 {
        answer { () throws(Errno) in
            let path = try GuestPath(path)
            switch lock.withLock({ tree.find(path) }) {
            case .host(let hostPath, let rest):
                try hostPath.unlink(rest)
                // A file that the operator mapped stays in the tree: it can be created again.
                if rest.isEmpty, hostPath.isTemporary { lock.withLock { tree.remove(hostPath) } }
            case .archived(let file, let rest): throw file.refusal(rest)
            case .directory: throw Errno(EISDIR)
            case .nowhere: throw Errno(ENOENT)
            }
            return 0
        }
    }

    package func makeDirectory(_ path: [UInt8]) -> Int32 {
        answer { () throws(Errno) in
            let path = try GuestPath(path)
            switch lock.withLock({ tree.find(path) }) {
            case .host(let hostPath, let rest):
                try hostPath.makeDirectory(rest, mode: 0o777)
                return 0
            case .archived(let file, let rest): throw file.refusal(rest)
            case .directory, .nowhere: break
            }
            try lock.withLock { () throws(Errno) in
                guard case .nowhere = tree.find(path) else { throw Errno(EEXIST) }
                let hostPath = try newTemporaryPath(for: path, .directory)
                try hostPath.makeDirectory(mode: 0o700)
                tree.add(path, .host(hostPath))
            }
            return 0
        }
    }

    package func attributes(_ path: [UInt8], followsLinks: Bool) throws(Errno) -> FileAttributes {
        let path = try GuestPath(path)
        switch lock.withLock({ tree.find(path) }) {
        case .host(let hostPath, let rest):
            return try hostPath.attributes(rest, followsLinks: followsLinks)
        case .archived(let file, let rest): return try file.attributes(rest)
        case .directory: return MappingListing.attributes
        case .nowhere: throw Errno(ENOENT)
        }
    }

    private func open(
        _ path: GuestPath, _ flags: OpenFlags, mode: UInt32
    ) throws(Errno) -> OpenFile {
        switch lock.withLock({ tree.find(path) }) {
        case .host(let hostPath, let rest):
            return .host(try hostPath.open(rest, flags, mode: mode))
        case .archived(let file, let rest): return .archived(try file.open(rest, flags))
        case .directory:
            guard !flags.isExclusive else { throw Errno(EEXIST) }
            guard !flags.changesFiles else { throw Errno(EISDIR) }
            guard flags.wantsDirectory else { throw Errno(EINVAL) }
            return .listing(
                try listingLock.withLock { () throws(Errno) in
                    try MappingListing(
                        path, of: lock.withLock { tree.leaves }, listingBudget)
                })
        case .nowhere:
            guard flags.creates else { throw Errno(ENOENT) }
            return .host(try makeTemporaryFile(path, flags, mode: mode))
        }
    }

    private func makeTemporaryFile(
        _ path: GuestPath, _ flags: OpenFlags, mode: UInt32
    ) throws(Errno) -> HostFile {
        try lock.withLock { () throws(Errno) in
            // Another vCPU may have created it meanwhile.
            switch tree.find(path) {
            case .host(let hostPath, let rest): return try hostPath.open(rest, flags, mode: mode)
            case .archived(let file, let rest): throw file.refusal(rest)
            case .directory: throw Errno(EISDIR)
            case .nowhere: break
            }
            let hostPath = try newTemporaryPath(for: path, .file)
            var flags = flags
            flags.isExclusive = true
            let file = try hostPath.open([], flags, mode: mode)
            tree.add(path, .host(hostPath))
            return file
        }
    }
}
