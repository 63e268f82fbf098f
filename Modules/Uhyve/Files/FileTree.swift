import CLinux
import GuestArchive
import Linux

/// The tree of guest paths, by which they are resolved.
///
/// Mapped paths are its leaves. The directories above them exist only here. No path can be mapped
/// below a mapped directory, which would hide it.
struct FileTree {
    struct Leaf {
        let path: GuestPath
        let target: Target

        var isDirectory: Bool {
            if case .host(let hostPath) = target { hostPath.kind == .directory } else { false }
        }
    }

    enum Target {
        case host(HostPath)
        case archived(ArchivedFile)
    }

    enum Destination {
        /// At `rest` below a path of the host.
        case host(HostPath, rest: [[UInt8]])
        /// At `rest` below an archived file, or that file if `rest` is empty.
        case archived(ArchivedFile, rest: [[UInt8]])
        /// A directory above leaves.
        case directory
        case nowhere
    }

    private(set) var leaves: [Leaf] = []
    /// The memory that all paths together take up, in bytes.
    private(set) var cost = 0

    func find(_ path: GuestPath) -> Destination {
        var isDirectory = path.isRoot
        for leaf in leaves {
            if let rest = path.rest(below: leaf.path) {
                switch leaf.target {
                case .host(let hostPath): return .host(hostPath, rest: rest)
                case .archived(let file): return .archived(file, rest: rest)
                }
            }
            isDirectory = isDirectory || leaf.path.rest(below: path) != nil
        }
        return isDirectory ? .directory : .nowhere
    }

    /// Adds a leaf. The caller has checked that the path overlaps no other.
    mutating func add(_ path: GuestPath, _ target: Target) {
        leaves.append(Leaf(path: path, target: target))
        cost += path.cost
    }

    mutating func remove(_ hostPath: HostPath) {
        let index = leaves.firstIndex { leaf in
            if case .host(let other) = leaf.target { other === hostPath } else { false }
        }
        guard let index else { return }
        cost -= leaves.remove(at: index).path.cost
    }

    /// The mount points for the guest's kernel: directories that cover all mappings, none below
    /// another.
    ///
    /// The root is never one of them: Hermit kernels can't mount anything there (0.13.2 then mounts
    /// nothing at all, and later ones panic).
    var mountPoints: [GuestPath] {
        var points: [GuestPath] = []
        for leaf in leaves {
            let point = GuestPath(
                names: leaf.isDirectory ? leaf.path.names : leaf.path.names.dropLast())
            if point.isRoot { continue }
            if points.contains(where: { point.rest(below: $0) != nil }) { continue }
            points.removeAll { $0.rest(below: point) != nil }
            points.append(point)
        }
        return points
    }
}
