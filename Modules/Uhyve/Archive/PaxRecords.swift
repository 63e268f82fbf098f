import Bytes
import Tender

/// The pax records about a member (POSIX.1-2017, "pax Extended Header"): `LENGTH KEY=VALUE` each,
/// with a final newline. A later record with the same key prevails; one with an empty value
/// deletes the earlier one.
struct PaxRecords: Equatable {
    var path: [UInt8]?
    /// The size in bytes that overrides the one in the member's ustar header.
    private(set) var size: UInt64?
    /// The target of a link.
    private var linkPath: [UInt8]?
    /// The key of the first unsupported record: one that changes what the content or the names
    /// mean.
    private var obstacle: String?

    mutating func add(_ bytes: [UInt8]) throws(InputError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0 != UInt8(ascii: " ") }
            guard digits.count < 8, let length = Self.decimal(digits),
                length > UInt64(digits.count) + 1, length <= UInt64(rest.count)
            else { throw InputError("a pax record is malformed") }
            let record = rest.prefix(Int(length)).dropFirst(digits.count + 1)
            guard record.last == UInt8(ascii: "\n"),
                let equals = record.firstIndex(of: UInt8(ascii: "="))
            else { throw InputError("a pax record is malformed") }
            try add(
                String(decoding: record[..<equals], as: UTF8.self),
                record[(equals + 1)...].dropLast())
            rest = rest.dropFirst(Int(length))
        }
    }

    private mutating func add(_ key: String, _ value: ArraySlice<UInt8>) throws(InputError) {
        switch key {
        case "path": path = value.isEmpty ? nil : Array(value)
        case "linkpath": linkPath = value.isEmpty ? nil : Array(value)
        case "size":
            size = Self.decimal(value)
            guard size != nil || value.isEmpty else {
                throw InputError("the size in a pax record is not a number")
            }
        case "hdrcharset":
            // With any of these, names are UTF-8 or refused.
            let known = ["", "BINARY", "ISO-IR 10646 2000 UTF-8"]
            if !known.contains(where: { value.elementsEqual($0.utf8) }) { obstruct(key) }
        // Times, owners, and the character set of the content.
        case "atime", "charset", "comment", "ctime", "gid", "gname", "mtime", "uid", "uname": break
        default:
            // Keys without a dot are reserved to POSIX: one newer than 2017.
            if !key.utf8.contains(UInt8(ascii: ".")) || Self.changesContent(key) { obstruct(key) }
        }
    }

    /// Whether a vendor's key changes what the content means. All others are file attributes.
    private static func changesContent(_ key: String) -> Bool {
        // GNU tar: sparse files, multi-volume parts, directory listings. star and Solaris: sparse
        // files, and star's own file types.
        let starts = ["GNU.", "SCHILY.realsize", "SCHILY.filetype", "SUN.holesdata"]
        return starts.contains { key.utf8.starts(with: $0.utf8) }
    }

    private mutating func obstruct(_ key: String) {
        if obstacle == nil { obstacle = key }
    }

    /// Checks that the records of a member are supported.
    ///
    /// - Parameter name: the name of the member.
    func check(_ name: [UInt8]) throws(InputError) {
        let name = String(decoding: name, as: UTF8.self)
        if let obstacle {
            let isSparse =
                obstacle.utf8.starts(with: "GNU.sparse.".utf8)
                || obstacle.utf8.starts(with: "SUN.holesdata".utf8)
            throw InputError(
                isSparse
                    ? "'\(name)' is a sparse file (pax record \(obstacle)): only whole files are "
                        + "supported, as tar stores them without --sparse"
                    : "'\(name)' has the pax record \(obstacle), which is not supported")
        }
        guard linkPath == nil else {
            throw InputError("'\(name)' is a link: only files and directories are supported")
        }
    }

    /// Checks the records of a global header, which can't be about name or content.
    func checkGlobal() throws(InputError) {
        if let obstacle {
            throw InputError("it has the global pax record \(obstacle), which is not supported")
        }
        guard path == nil, size == nil, linkPath == nil else {
            throw InputError("it has a path or size for all of its files")
        }
    }

    /// The value of decimal digits; nil if there is any other character.
    private static func decimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            ? UInt64(String(decoding: digits, as: UTF8.self)) : nil
    }
}
