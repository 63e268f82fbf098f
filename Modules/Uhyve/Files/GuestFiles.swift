import CLinux
import GuestArchive
import Linux
import Manifests
import Rules
import Tender

/// The files that a guest sees: those that the operator mapped, and what it makes elsewhere itself
/// if it has a temporary directory.
///
/// Several vCPUs may call at the same time. The lock is held for a look-up in our own tables and
/// while something is made in the temporary directory, never during input and output.
///
/// Everything answers as system calls do: with a result of at least 0, or with the number of a Linux
/// error below 0.
package final class GuestFiles: @unchecked Sendable {
    let lock = Lock()
    // Both are guarded by `lock`.
    var tree = FileTree()
    var table = DescriptorTable()

    private let temporary: TemporaryFiles?
    /// What was there before the guest: how many leaves, and what their paths take up.
    private let firstCount: Int
    private let firstCost: Int
    /// See `FileTree.mountPoints`.
    package let mountPoints: [String]

    /// What a guest can have made in the temporary directory at a time, not counting what it made in
    /// directories there: each costs the tender memory.
    static let temporaryCapacity = 1024
    /// How much memory the paths of that can take up in the tender, in bytes.
    static let temporaryPathCapacity = 1 << 20

    /// Makes listings one at a time, so that what that takes meanwhile is there once.
    let listingLock = Lock()
    /// What the open listings of mapped directories can take up in all.
    let listingBudget = MemoryBudget(bytes: listingCapacity)
    /// One of as many entries as there can be, and names as long, fits.
    static let listingCapacity = 2 << 20

    /// - Parameters:
    ///   - temporaryParent: where to make the temporary directory; nil for none.
    ///   - archive: the one that the guest came in, all files of which it sees.
    ///   - rootsAreRelative: whether the guest's kernel (Hermit up to 0.8.0) leaves out the directory
    ///     /root at which it mounts what is mapped.
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
            tree.add(mapping.guest, .host(try HostPlace.open(mapping)))
            written.append(mapping)
        }
        // The root of older kernels' paths is /root.
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

    /// Where the sandbox must let us work, before the guest has run.
    package var reachable: [Confinement.Place] {
        tree.leaves.compactMap { leaf in
            if case .host(let place) = leaf.target { place.reachable } else { nil }
        } + (temporary?.reachable ?? [])
    }

    /// - Throws: if there is no memory for what is sealed.
    package func bind(in bindings: inout Bindings) throws(Errno) {
        for place in reachable where place.access != .removal {
            bindings.bind(UhyveManifest.directory, to: place.descriptor)
            bindings.bind(
                place.access == .read
                    ? UhyveManifest.readOnlyDirectory : UhyveManifest.writableDirectory,
                to: place.descriptor)
        }
        if reachable.contains(where: { $0.access == .read }) {
            let table = try ReadingTable.use()
            bindings.bindNumbers(UhyveManifest.readingTable) { [table.address] }
        }
        guard let temporary else { return }
        bindings.bindNumbers(UhyveManifest.temporaryName) { [temporary.nameAddress] }
    }

    /// Removes the temporary directory with all that is in it. For the end, when no guest runs.
    ///
    /// - Returns: what kept it from being removed as a whole.
    package func removeTemporaryDirectory() -> Errno? {
        guard let temporary else { return nil }
        do throws(Errno) {
            try temporary.remove()
            return nil
        } catch {
            return error
        }
    }

    /// The same, and tells the operator what is left.
    package func removeTemporaryDirectory(warn: (_ line: String) -> Void) {
        guard let temporary, let error = removeTemporaryDirectory() else { return }
        warn("Could not remove the guest's temporary directory \(temporary.path): \(error)")
    }

    /// Where to make what the guest wants at `path`, which leads nowhere. `lock` is held.
    ///
    /// - Throws: ENOSPC if the guest has made as much as we keep track of.
    func newTemporaryPlace(
        for path: GuestPath, _ kind: HostPlace.Kind
    ) throws(Errno) -> HostPlace {
        guard let temporary else { throw Errno(ENOENT) }
        guard tree.leaves.count - firstCount < Self.temporaryCapacity,
            tree.cost - firstCost + path.cost <= Self.temporaryPathCapacity
        else { throw Errno(ENOSPC) }
        return try temporary.newPlace(kind)
    }
}

/// The guest's view of what `body` does.
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
