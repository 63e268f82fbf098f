import CLinux
import GuestArchive
import Linux
import Tender

/// The guest's temporary directory, for files that it creates at paths that are not mapped.
///
/// Only this user can access it (mode 0700). Names at its top level are random, not the guest's.
///
/// The sandbox allows rmdir only for this directory's own name. So subdirectories are renamed to it
/// before they are removed.
final class TemporaryFiles: Sendable {
    private let parent: FileDescriptor
    private let name: SealedName
    /// The path, for messages.
    let path: String
    private let directory: HostDirectory

    init(in path: String) throws(Errno) {
        let parent = try FileDescriptor.open(path, O_PATH | O_DIRECTORY)
        let name = try SealedName(Array("pinnace-".utf8) + (try Self.randomName()))
        try parent.makeDirectory(name.bytes, mode: 0o700)
        do throws(Errno) {
            let directory = try parent.open(
                beneath: name.bytes, O_PATH | O_DIRECTORY, reach: .sameMount)
            // In a parent without the sticky bit, another user may have replaced the directory.
            guard try FileAttributes(of: directory).user == geteuid() else { throw Errno(EPERM) }
            self.directory = HostDirectory(directory)
        } catch {
            try? parent.removeDirectory(name)
            throw error
        }
        Emergency.remove(name, in: parent)
        self.parent = parent
        self.name = name
        self.path = "\(path)/\(String(decoding: name.bytes, as: UTF8.self))"
    }

    /// The address of the name, which the sandbox requires in calls that remove directories.
    var nameAddress: UInt64 { name.address }

    /// The directories that the sandbox must allow access to (Landlock rules).
    var reachable: [Confinement.Path] {
        [
            Confinement.Path(
                descriptor: directory.descriptor.number, access: .write, isNew: true),
            Confinement.Path(descriptor: parent.number, access: .removal),
        ]
    }

    /// A path for a new file or directory, with a random name.
    func newPath(_ kind: HostPath.Kind) throws(Errno) -> HostPath {
        HostPath(try Self.randomName(), in: directory, kind: kind, isTemporary: true)
    }

    /// Removes the directory and its content, but no targets of symbolic links and nothing that is
    /// mounted there.
    ///
    /// Needs few descriptors and little stack, however deep the directories are nested.
    func remove() throws(Errno) {
        // Succeeds if it is empty.
        if (try? parent.removeDirectory(name)) != nil { return }
        // The path from the temporary directory to the current one.
        var path: [[UInt8]] = []
        var current = try open(path)
        while true {
            if let child = try removeFiles(in: current) {
                do throws(Errno) {
                    current = try open(path + [child])
                    path.append(child)
                } catch {
                    // Empty, since the guest could not open it either: its path is too long.
                    guard error.code == ENAMETOOLONG else { throw error }
                    try removeDirectory(child, in: current)
                }
            } else if let last = path.popLast() {
                // From the top again: the ".." of a directory that was moved is another parent.
                current = try open(path)
                try removeDirectory(last, in: current)
            } else {
                break
            }
        }
        try parent.removeDirectory(name)
    }

    private func removeDirectory(
        _ name: [UInt8], in directory: borrowing FileDescriptor
    ) throws(Errno) {
        do throws(Errno) {
            if name != self.name.bytes { try directory.rename(name, to: self.name) }
            try directory.removeDirectory(self.name)
        } catch {
            // Another process has replaced one of the two by a link or a file. Under the temporary
            // directory's name it would block all renames in this directory.
            if error.code == ENOTDIR { try? directory.remove(self.name.bytes) }
            throw error
        }
    }

    /// Removes files up to the first directory.
    ///
    /// - Returns: the name of a directory; nil if there is none and all files are removed.
    private func removeFiles(in directory: borrowing FileDescriptor) throws(Errno) -> [UInt8]? {
        var isAnyRemoved: Bool
        repeat {
            // Whether removals during a listing make it skip entries is up to the file system, so
            // it is repeated until there is nothing left to remove.
            isAnyRemoved = false
            _ = try directory.seek(0, SEEK_SET)
            while true {
                let names = try directory.entries(room: 32 << 10).names
                if names.isEmpty { break }
                let dot = UInt8(ascii: ".")
                for name in names where name != [dot] && name != [dot, dot] {
                    guard try removeFile(name, in: directory) else { return name }
                    isAnyRemoved = true
                }
            }
        } while isAnyRemoved
        return nil
    }

    /// - Returns: whether it was a file.
    private func removeFile(
        _ name: [UInt8], in directory: borrowing FileDescriptor
    ) throws(Errno) -> Bool {
        do throws(Errno) {
            try directory.remove(name)
        } catch {
            switch error.code {
            case EISDIR: return false
            // Another process has removed it.
            case ENOENT: break
            default: throw error
            }
        }
        return true
    }

    private func open(_ path: [[UInt8]]) throws(Errno) -> FileDescriptor {
        try directory.descriptor.open(
            beneath: GuestPath(names: path).relative, O_RDONLY | O_DIRECTORY, reach: .sameMount)
    }

    private static func randomName() throws(Errno) -> [UInt8] {
        let digits = String(try Random.word(), radix: 16)
        return [UInt8](repeating: UInt8(ascii: "0"), count: 16 - digits.utf8.count) + digits.utf8
    }
}
