import CLinux
import GuestArchive
import Linux
import Manifests
import Rules
import Tender

/// The files that a guest sees: those of its archive, those that the operator mapped and, if there
/// is a temporary directory, those that it creates elsewhere.
///
/// vCPUs may call concurrently. The lock is held during look-ups in the tree and the descriptor
/// table and while a file is created in the temporary directory, never during input and output.
///
/// Results are those of system calls: at least 0, or a negative Linux error number.
package final class GuestFiles: @unchecked Sendable {
    let lock = Lock()
    // Both are guarded by `lock`.
    var tree = FileTree()
    var table = DescriptorTable()

    private let temporary: TemporaryFiles?
    /// The number of leaves before the guest ran, and the memory that their paths take up.
    private let firstCount: Int
    private let firstCost: Int
    /// See `FileTree.mountPoints`.
    package let mountPoints: [String]

    /// The limit for files and directories at the top level of the temporary directory: each takes
    /// up memory of the tender.
    static let temporaryCapacity = 1024
    /// The limit for the tender's memory for their paths, in bytes.
    static let temporaryPathCapacity = 1 << 20

    /// Held while a listing is made, so that the temporary memory for it is needed only once.
    let listingLock = Lock()
    /// The memory left for open listings of directories that only mappings make.
    let listingBudget = MemoryBudget(bytes: listingCapacity)
    /// Large enough for one listing with the maximum number of entries with names of maximum
    /// length, in bytes.
    static let listingCapacity = 2 << 20

    /// - Parameters:
    ///   - temporaryParent: where to make the temporary directory; nil for none.
    ///   - archive: the archive that holds the image, all files of which the guest sees.
    ///   - rootsAreRelative: whether the guest's kernel (Hermit up to 0.8.0) omits its mount point,
    ///     /root, from paths.
    package init(
        mappings: [FileMapping], temporaryParent: String?, archive: Archive? = nil,
        rootsAreRelative: Bool = false
    ) throws(ModuleError) {
        var tree = FileTree()
        if let archive {
            for member in archive.members {
                tree.add(member.path, .archived(ArchivedFile(archive: archive, member: member)))
            }
        }
        var written: [FileMapping] = []
        for mapping in mappings {
            let mapping = rootsAreRelative ? mapping.relativeToRoot() : mapping
            if let obstacle = written.first(where: { $0.guest.overlaps(mapping.guest) }) {
                throw .collision(mapping, obstacle)
            }
            if let member = archive?.members.first(where: { $0.path.overlaps(mapping.guest) }) {
                throw ModuleError(
                    "\(mapping.guest) and \(printable(member.path.description)) of the guest's "
                        + "archive can't both be there",
                    option: mapping.option)
            }
            tree.add(mapping.guest, .host(try HostPath.open(mapping)))
            written.append(mapping)
        }
        // For older kernels, the root of the tree is /root.
        if !rootsAreRelative, let mapping = written.first(where: { $0.guest.isRoot }) {
            throw ModuleError(
                "nothing can be mapped to /, where the guest's kernel can't mount it",
                option: mapping.option, hint: "map it to a directory there, such as /root")
        }
        self.tree = tree
        firstCount = tree.leaves.count
        firstCost = tree.cost
        mountPoints = tree.mountPoints.map { $0.description }
        if let temporaryParent {
            do throws(Errno) {
                temporary = try TemporaryFiles(in: temporaryParent)
            } catch {
                throw ModuleError(
                    "Could not make a temporary directory in \(temporaryParent): \(error)",
                    hint: error.code == ENOSYS || error.code == EPERM
                        ? "that needs openat2, so Linux 5.6 or later, and a seccomp policy that "
                            + "allows it" : nil)
            }
        } else {
            temporary = nil
        }
    }

    /// The directories that the sandbox must allow access to (Landlock rules), before the guest
    /// runs.
    package var reachable: [Confinement.Path] {
        tree.leaves.compactMap { leaf in
            if case .host(let hostPath) = leaf.target { hostPath.reachable } else { nil }
        } + (temporary?.reachable ?? [])
    }

    /// Binds descriptors and addresses to the roles of the manifest's system call rules.
    ///
    /// - Throws: if there is no memory for the sealed table.
    package func bind(in bindings: inout Bindings) throws(Errno) {
        for path in reachable where path.access != .removal {
            bindings.bind(UhyveManifest.directory, to: path.descriptor)
            bindings.bind(
                path.access == .read
                    ? UhyveManifest.readOnlyDirectory : UhyveManifest.writableDirectory,
                to: path.descriptor)
        }
        if reachable.contains(where: { $0.access == .read }) {
            let table = try ReadingTable.use()
            bindings.bindNumbers(UhyveManifest.readingTable) { [table.address] }
        }
        guard let temporary else { return }
        bindings.bindNumbers(UhyveManifest.temporaryName) { [temporary.nameAddress] }
    }

    /// Removes the temporary directory and its content, after the guest's end.
    ///
    /// - Returns: the error if part of it is left.
    package func removeTemporaryDirectory() -> Errno? {
        guard let temporary else { return nil }
        do throws(Errno) {
            try temporary.remove()
            return nil
        } catch {
            return error
        }
    }

    /// Removes the temporary directory, with a warning if part of it is left.
    package func removeTemporaryDirectory(warn: (_ line: String) -> Void) {
        guard let temporary, let error = removeTemporaryDirectory() else { return }
        warn("Could not remove the guest's temporary directory \(temporary.path): \(error)")
    }

    /// A path in the temporary directory for a file to create at `path`, which does not exist.
    /// `lock` is held.
    ///
    /// - Throws: ENOSPC at the limit for temporary files.
    func newTemporaryPath(
        for path: GuestPath, _ kind: HostPath.Kind
    ) throws(Errno) -> HostPath {
        guard let temporary else { throw Errno(ENOENT) }
        guard tree.leaves.count - firstCount < Self.temporaryCapacity,
            tree.cost - firstCost + path.cost <= Self.temporaryPathCapacity
        else { throw Errno(ENOSPC) }
        return try temporary.newPath(kind)
    }
}

/// The result of `body` for the guest: its value, or a negative error number.
@inline(__always)
package func answer<Value: SignedInteger & FixedWidthInteger>(
    _ body: () throws(Errno) -> Value
) -> Value {
    do throws(Errno) {
        return try body()
    } catch {
        return 0 &- Value(truncatingIfNeeded: error.code)
    }
}

extension ModuleError {
    fileprivate static func collision(_ mapping: FileMapping, _ other: FileMapping) -> ModuleError {
        ModuleError(
            mapping.guest == other.guest
                ? "\(mapping.guest) is mapped already, by \(other.option.text)"
                : "\(mapping.guest) and \(other.guest) of \(other.option.text) can't both be "
                    + "mapped: one is below the other",
            option: mapping.option)
    }
}
