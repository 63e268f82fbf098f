import CLinux
import Linux

/// Where the guest sees a file: the names on the way there from the root of what is mapped.
///
/// The guest's kernel has looked the path up in a tree of its own before it asks, so a path is
/// taken as text: "x/../y" is "y" whatever x is, nothing is above the root, whether the path begins
/// or ends with a slash makes no difference, and no text at all is the root. No name is ever empty,
/// "." or "..".
package struct GuestPath: Equatable, CustomStringConvertible {
    package private(set) var names: [[UInt8]] = []

    /// With the zero that ends it, as the kernel counts (PATH_MAX, NAME_MAX).
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

    /// About how much memory it takes up, in bytes: each name is an object of its own.
    package var cost: Int { names.reduce(0) { $0 + 48 + $1.count } }

    /// What is left of this path after `other`.
    ///
    /// - Returns: nil if this is neither `other` nor below it.
    package func rest(below other: GuestPath) -> [[UInt8]]? {
        guard names.starts(with: other.names) else { return nil }
        return Array(names.dropFirst(other.names.count))
    }

    /// Whether one is the other, or below it.
    package func overlaps(_ other: GuestPath) -> Bool {
        rest(below: other) != nil || other.rest(below: self) != nil
    }

    /// As the host's kernel takes it, beneath a directory.
    package var relative: [UInt8] {
        isRoot ? [UInt8(ascii: ".")] : Array(names.joined(separator: [UInt8(ascii: "/")]))
    }

    /// Absolute.
    package var description: String {
        isRoot ? "/" : "/" + String(decoding: relative, as: UTF8.self)
    }
}
