import CLinux
import GuestArchive
import Linux
import Tender

/// A directory of the host beneath which files are looked up.
final class HostDirectory: Sendable {
    let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }
}

/// Where a guest path leads on the host: to one file, or to a directory and all beneath it.
///
/// Every look-up is one system call beneath a directory that was opened when the guest started, so
/// neither "..", nor a symbolic link, nor somebody who renames files meanwhile leads out of it.
final class HostPlace: Sendable {
    enum Kind: Sendable {
        case file, directory
    }

    private let directory: HostDirectory
    /// In `directory`; nil if it is `directory` itself.
    private let name: [UInt8]?
    let kind: Kind
    private let isReadOnly: Bool
    /// Whether the guest made it where nothing is mapped.
    let isTemporary: Bool
    private let reach: Reach

    /// A directory of the operator's, who may have put symbolic links there.
    init(_ directory: HostDirectory, isReadOnly: Bool) {
        self.directory = directory
        name = nil
        kind = .directory
        self.isReadOnly = isReadOnly
        isTemporary = false
        reach = .links
    }

    /// A name in a directory, the rest of which the guest has nothing to do with. It need not exist,
    /// and must be no symbolic link.
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

    /// Where the sandbox must let us open files. Of a single file, that is its directory.
    var reachable: Confinement.Place {
        Confinement.Place(
            descriptor: directory.descriptor.number, access: isReadOnly ? .read : .write)
    }

    // In all of these, `rest` is the way there from this place.

    func open(
        _ rest: [[UInt8]], _ flags: OpenFlags, mode: UInt32 = 0
    ) throws(Errno) -> HostFile {
        guard !(isReadOnly && flags.changesFiles) else { throw Errno(EROFS) }
        let path = try path(rest)
        // To open a device or a FIFO, be it for a moment, is noticed at its other end.
        if !flags.isExclusive, let found = try? attributes(rest, followsLinks: true) {
            guard HostFile.canBe(found) else { throw Errno(EACCES) }
        }
        // Nor may one that takes a file's place meanwhile make us wait, or a terminal become ours.
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

    /// Makes this place, which does not exist.
    func makeDirectory(mode: UInt32) throws(Errno) {
        guard let name else { throw Errno(EEXIST) }
        try directory.descriptor.makeDirectory(name, mode: mode)
    }

    /// Lends the directory that holds the last name.
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
