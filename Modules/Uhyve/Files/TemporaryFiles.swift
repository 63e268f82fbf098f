import CLinux
import GuestArchive
import Linux
import Tender

/// A directory of this guest's own, for files that it makes where nothing is mapped.
///
/// Nobody but this user can look inside, and the guest chooses no name in it: what it makes gets a
/// random one.
///
/// While a guest runs, and at its end, the only name by which the sandbox lets a directory be removed
/// is this one's. So those within get it first.
final class TemporaryFiles: Sendable {
    private let parent: FileDescriptor
    private let name: SealedName
    /// For messages.
    let path: String
    private let directory: HostDirectory

    init(in path: String) throws(Errno) {
        let parent = try FileDescriptor.open(path, O_PATH | O_DIRECTORY)
        let name = try SealedName(Array("pinnace-".utf8) + (try Self.randomName()))
        try parent.makeDirectory(name.bytes, mode: 0o700)
        do throws(Errno) {
            let directory = try parent.open(
                beneath: name.bytes, O_PATH | O_DIRECTORY, reach: .sameMount)
            // Where others can rename what is ours, it need not be what we just made.
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

    /// What the sandbox pins, of calls that remove directories.
    var nameAddress: UInt64 { name.address }

    /// Where the sandbox must let us work.
    var reachable: [Confinement.Place] {
        [
            Confinement.Place(
                descriptor: directory.descriptor.number, access: .write, isNew: true),
            Confinement.Place(descriptor: parent.number, access: .removal),
        ]
    }

    /// A place for the guest to make something at; it does not exist yet.
    func newPlace(_ kind: HostPlace.Kind) throws(Errno) -> HostPlace {
        HostPlace(try Self.randomName(), in: directory, kind: kind, isTemporary: true)
    }

    /// Removes the directory and whatever the guest or others left in it, but nothing that symbolic
    /// links lead to, and nothing that is mounted there.
    ///
    /// However deep the guest nested directories, this needs few descriptors and little stack.
    func remove() throws(Errno) {
        // It may be empty.
        if (try? parent.removeDirectory(name)) != nil { return }
        // The way down from our directory to the current one.
        var path: [[UInt8]] = []
        var current = try open(path)
        while true {
            if let child = try removeFiles(in: current) {
                do throws(Errno) {
                    current = try open(path + [child])
                    path.append(child)
                } catch {
                    // The guest could put nothing into one whose path is too long to be opened.
                    guard error.code == ENAMETOOLONG else { throw error }
                    try removeDirectory(child, in: current)
                }
            } else if let last = path.popLast() {
                // A directory that was moved meanwhile has another parent, so ".." would not do.
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
            // Others have put a link, or a file, in the place of one of the two. What has our name is
            // in the way of all other directories here.
            if error.code == ENOTDIR { try? directory.remove(self.name.bytes) }
            throw error
        }
    }

    /// Removes everything but directories.
    ///
    /// - Returns: a directory, if there is one; there may be more to remove then.
    private func removeFiles(in directory: borrowing FileDescriptor) throws(Errno) -> [UInt8]? {
        var isAnyRemoved: Bool
        repeat {
            // Whether names that go while they are listed make others appear late is up to the file
            // system, so it is over when nothing was left to remove.
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
            // Somebody else was faster.
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
