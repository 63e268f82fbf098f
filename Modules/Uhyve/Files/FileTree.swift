import CLinux
import GuestArchive
import Linux

/// Which guest path leads where.
///
/// The paths that are mapped are the leaves of a tree. What lies on the way to them are directories
/// that exist nowhere but here; a mapped directory hides what else could be mapped below it, so
/// nothing can.
struct FileTree {
    struct Leaf {
        let path: GuestPath
        let target: Target

        var isDirectory: Bool {
            if case .host(let place) = target { place.kind == .directory } else { false }
        }
    }

    enum Target {
        case host(HostPlace)
        case archived(ArchivedFile)
    }

    enum Destination {
        /// At `rest` below the place.
        case host(HostPlace, rest: [[UInt8]])
        /// At `rest` below the file: it is that file if `rest` is empty.
        case archived(ArchivedFile, rest: [[UInt8]])
        /// A directory on the way to leaves.
        case directory
        case nowhere
    }

    private(set) var leaves: [Leaf] = []
    /// What all paths together take up, in bytes.
    private(set) var cost = 0

    func find(_ path: GuestPath) -> Destination {
        var isDirectory = path.isRoot
        for leaf in leaves {
            if let rest = path.rest(below: leaf.path) {
                switch leaf.target {
                case .host(let place): return .host(place, rest: rest)
                case .archived(let file): return .archived(file, rest: rest)
                }
            }
            isDirectory = isDirectory || leaf.path.rest(below: path) != nil
        }
        return isDirectory ? .directory : .nowhere
    }

    /// Whoever calls has made sure that the path overlaps no other.
    mutating func add(_ path: GuestPath, _ target: Target) {
        leaves.append(Leaf(path: path, target: target))
        cost += path.cost
    }

    mutating func remove(_ place: HostPlace) {
        let index = leaves.firstIndex { leaf in
            if case .host(let other) = leaf.target { other === place } else { false }
        }
        guard let index else { return }
        cost -= leaves.remove(at: index).path.cost
    }

    /// The directories at which the guest's kernel is to mount what is mapped, none below another.
    ///
    /// The root is none of them, whatever lies right in it: no Hermit kernel can mount anything there
    /// (0.13.2 then mounts nothing at all, and later ones panic).
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
