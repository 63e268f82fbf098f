import CLinux
import Linux

/// The path of a file as the guest sees it: its components, from the root.
///
/// The guest's kernel has resolved the path in its own mount tree before, so it is normalised as
/// text: "x/../y" is "y" whatever x is, ".." at the root is the root, leading and trailing slashes
/// make no difference, and the empty path is the root. No component is empty, "." or "..".
package struct GuestPath: Equatable, CustomStringConvertible {
    package private(set) var names: [[UInt8]] = []

    /// PATH_MAX, with the final NUL, and NAME_MAX, without one.
    private static let maximumCount = 4096
    private static let maximumNameCount = 255

    package init(names: [[UInt8]]) {
        self.names = names
    }

    package init(_ bytes: [UInt8]) throws(Errno) {
        guard bytes.count < Self.maximumCount else { throw Errno(ENAMETOOLONG) }
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            throw Errno(EINVAL)
        }
        let dot = UInt8(ascii: ".")
        for name in bytes.split(separator: UInt8(ascii: "/")) {
            guard name.count <= Self.maximumNameCount else { throw Errno(ENAMETOOLONG) }
            if name.elementsEqual([dot]) { continue }
            if name.elementsEqual([dot, dot]) {
                _ = names.popLast()
            } else {
                names.append(Array(name))
            }
        }
    }

    package var isRoot: Bool { names.isEmpty }

    /// An estimate of the memory that it takes up, in bytes: each component is a heap object.
    package var cost: Int { names.reduce(0) { $0 + 48 + $1.count } }

    /// The components of this path after those of `other`.
    ///
    /// - Returns: nil if this is neither `other` nor below it.
    package func rest(below other: GuestPath) -> [[UInt8]]? {
        guard names.starts(with: other.names) else { return nil }
        return Array(names.dropFirst(other.names.count))
    }

    /// Whether the paths are equal or one is below the other.
    package func overlaps(_ other: GuestPath) -> Bool {
        rest(below: other) != nil || other.rest(below: self) != nil
    }

    /// The path relative to a directory, for openat2(2).
    package var relative: [UInt8] {
        isRoot ? [UInt8(ascii: ".")] : Array(names.joined(separator: [UInt8(ascii: "/")]))
    }

    /// The absolute path.
    package var description: String {
        isRoot ? "/" : "/" + String(decoding: relative, as: UTF8.self)
    }
}
