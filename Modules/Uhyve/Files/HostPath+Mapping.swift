import CLinux
import Linux
import Tender

extension HostPath {
    /// Opens the host's end of a mapping: a directory, a regular file, or a file for the guest to
    /// create in an existing directory.
    ///
    /// Symbolic links are followed without restriction: the path is the operator's.
    static func open(_ mapping: FileMapping) throws(ModuleError) -> HostPath {
        do throws(Errno) {
            return try find(mapping)
        } catch {
            let hint: String? =
                switch error.code {
                case ENOENT where mapping.isReadOnly: "what is mapped read-only must exist"
                case ENOENT: "the guest can create a file, but its directory must exist"
                case ELOOP: "a symbolic link that leads nowhere can't be mapped"
                case ENOSYS:
                    "file mappings need openat2, so Linux 5.6 or later, and a seccomp policy that "
                        + "allows it"
                case EPERM: "a seccomp policy, such as a container's, may refuse openat2: allow it"
                default: nil
                }
            let cause =
                error.code == ENOTSUP ? "neither a directory nor a regular file" : "\(error)"
            throw ModuleError("\(mapping.host): \(cause)", option: mapping.option, hint: hint)
        }
    }

    private static func find(_ mapping: FileMapping) throws(Errno) -> HostPath {
        let path: [UInt8]
        do throws(Errno) {
            path = try canonicalPath(mapping.host)
        } catch {
            guard error.code == ENOENT, !mapping.isReadOnly else { throw error }
            return try findMissing(mapping)
        }
        let file = try FileDescriptor.open(path, O_PATH)
        let attributes = try FileAttributes(of: file)
        if attributes.isDirectory {
            let hostPath = HostPath(HostDirectory(file), isReadOnly: mapping.isReadOnly)
            // Checks that the kernel supports openat2 with the flags of every look-up.
            _ = try hostPath.attributes([], followsLinks: true)
            return hostPath
        }
        guard attributes.isRegular else { throw Errno(ENOTSUP) }
        let (parent, name) = split(path)
        let hostPath = HostPath(
            name, in: HostDirectory(try .open(parent, O_PATH | O_DIRECTORY)), kind: .file,
            isReadOnly: mapping.isReadOnly)
        let found = try hostPath.attributes([], followsLinks: false)
        guard found.device == attributes.device, found.inode == attributes.inode else {
            // The file was renamed or replaced since it was resolved.
            throw Errno(EAGAIN)
        }
        return hostPath
    }

    private static func findMissing(_ mapping: FileMapping) throws(Errno) -> HostPath {
        let (parent, name) = split(Array(mapping.host.utf8))
        let dot = UInt8(ascii: ".")
        guard !name.isEmpty, name != [dot], name != [dot, dot] else { throw Errno(ENOENT) }
        let directory = HostDirectory(try .open(parent, O_PATH | O_DIRECTORY))
        let hostPath = HostPath(name, in: directory, kind: .file, isReadOnly: false)
        do throws(Errno) {
            _ = try hostPath.attributes([], followsLinks: false)
        } catch {
            guard error.code == ENOENT else { throw error }
            return hostPath
        }
        // A dangling symbolic link: any other file would have been found before.
        throw Errno(ELOOP)
    }

    /// Splits a path into directory and name, which is empty if the path ends with a slash.
    private static func split(_ path: [UInt8]) -> (parent: [UInt8], name: [UInt8]) {
        let slash = UInt8(ascii: "/")
        guard let last = path.lastIndex(of: slash) else { return ([UInt8(ascii: ".")], path) }
        // With the slash, since it may be the only one.
        return (Array(path[...last]), Array(path[(last + 1)...]))
    }
}
