import CLinux
import GuestArchive
import Linux
import Tender

/// An open directory of the host (O_PATH), beneath which files are looked up.
final class HostDirectory: Sendable {
    let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }
}

/// The target of a guest path on the host: one file, or a directory and all beneath it.
///
/// Every path is resolved by one openat2(2) with RESOLVE_BENEATH, from a directory that was opened
/// before the guest started, so neither "..", nor a symbolic link, nor a concurrent rename leads
/// out of it.
final class HostPath: Sendable {
    enum Kind: Sendable {
        case file, directory
    }

    private let directory: HostDirectory
    /// The name in `directory`; nil for `directory` itself.
    private let name: [UInt8]?
    let kind: Kind
    private let isReadOnly: Bool
    /// Whether the guest created it, at a path that is not mapped.
    let isTemporary: Bool
    private let reach: Reach

    /// A directory that the operator maps, which may contain symbolic links.
    init(_ directory: HostDirectory, isReadOnly: Bool) {
        self.directory = directory
        name = nil
        kind = .directory
        self.isReadOnly = isReadOnly
        isTemporary = false
        reach = .links
    }

    /// A single name in a directory, the rest of which the guest can't see. It need not exist, and
    /// must not be a symbolic link.
    init(
        _ name: [UInt8], in directory: HostDirectory, kind: Kind, isReadOnly: Bool = false,
        isTemporary: Bool = false
    ) {
        self.directory = directory
        self.name = name
        self.kind = kind
        self.isTemporary = isTemporary
        self.isReadOnly = isReadOnly
        reach = .noLinks
    }

    /// The directory that the sandbox must allow access to (Landlock rule): for a single file, its
    /// parent.
    var reachable: Confinement.Path {
        Confinement.Path(
            descriptor: directory.descriptor.number, access: isReadOnly ? .read : .write)
    }

    // In all of these, `rest` holds the components below this path.

    func open(
        _ rest: [[UInt8]], _ flags: OpenFlags, mode: UInt32 = 0
    ) throws(Errno) -> HostFile {
        guard !(isReadOnly && flags.changesFiles) else { throw Errno(EROFS) }
        let path = try path(rest)
        // Checked before opening: opening a device or FIFO, however briefly, has effects on its
        // driver or its other end.
        if !flags.isExclusive, let found = try? attributes(rest, followsLinks: true) {
            guard HostFile.canBe(found) else { throw Errno(EACCES) }
        }
        // A FIFO that replaces the file after the check must not block the open, nor a terminal
        // become the controlling one.
        let hostFlags = flags.hostFlags | O_NONBLOCK | O_NOCTTY
        let descriptor = try directory.descriptor.open(
            beneath: path, hostFlags, mode: flags.creates ? mode & 0o777 : 0, reach: reach)
        return try HostFile(descriptor)
    }

    func attributes(_ rest: [[UInt8]], followsLinks: Bool) throws(Errno) -> FileAttributes {
        let flags = O_PATH | (followsLinks ? 0 : O_NOFOLLOW)
        let file = try directory.descriptor.open(beneath: try path(rest), flags, reach: reach)
        return try FileAttributes(of: file)
    }

    func unlink(_ rest: [[UInt8]]) throws(Errno) {
        guard !isReadOnly else { throw Errno(EROFS) }
        guard kind == .file || !rest.isEmpty else { throw Errno(EISDIR) }
        try withParent(rest) { parent, name throws(Errno) in try parent.remove(name) }
    }

    func makeDirectory(_ rest: [[UInt8]], mode: UInt32) throws(Errno) {
        guard !rest.isEmpty else { throw Errno(EEXIST) }
        guard !isReadOnly else { throw Errno(EROFS) }
        try withParent(rest) { parent, name throws(Errno) in
            try parent.makeDirectory(name, mode: mode)
        }
    }

    /// Makes a directory at this path, which does not exist.
    func makeDirectory(mode: UInt32) throws(Errno) {
        guard let name else { throw Errno(EEXIST) }
        try directory.descriptor.makeDirectory(name, mode: mode)
    }

    /// Calls `body` with the directory that holds the last component.
    private func withParent(
        _ rest: [[UInt8]], _ body: (borrowing FileDescriptor, [UInt8]) throws(Errno) -> Void
    ) throws(Errno) {
        var names = try names(rest)
        guard let last = names.popLast() else { throw Errno(EINVAL) }
        guard !names.isEmpty else { return try body(directory.descriptor, last) }
        let parent = try directory.descriptor.open(
            beneath: GuestPath(names: names).relative, O_PATH | O_DIRECTORY, reach: reach)
        try body(parent, last)
    }

    private func path(_ rest: [[UInt8]]) throws(Errno) -> [UInt8] {
        GuestPath(names: try names(rest)).relative
    }

    private func names(_ rest: [[UInt8]]) throws(Errno) -> [[UInt8]] {
        guard kind == .directory || rest.isEmpty else { throw Errno(ENOTDIR) }
        guard let name else { return rest }
        return [name] + rest
    }
}
