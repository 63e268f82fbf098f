import Tender

/// What pax says about a member (POSIX.1-2017, "pax Extended Header"): records that read
/// `LENGTH KEY=VALUE` and end with a newline. A later one with the same key prevails; without a value
/// it takes the earlier one back.
struct PaxRecords: Equatable {
    var path: [UInt8]?
    /// In bytes, instead of what the member's own header says.
    private(set) var size: UInt64?
    /// The target of a link.
    private var linkPath: [UInt8]?
    /// The first record by which the content is not what is stored, or the names not what they say.
    private var obstacle: String?

    mutating func add(_ bytes: [UInt8]) throws(TarError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0 != UInt8(ascii: " ") }
            guard digits.count < 8, let length = Self.decimal(digits),
                length > UInt64(digits.count) + 1, length <= UInt64(rest.count)
            else { throw TarError("a pax record is malformed") }
            let record = rest.prefix(Int(length)).dropFirst(digits.count + 1)
            guard record.last == UInt8(ascii: "\n"),
                let equals = record.firstIndex(of: UInt8(ascii: "="))
            else { throw TarError("a pax record is malformed") }
            try add(
                String(decoding: record[..<equals], as: UTF8.self),
                record[(equals + 1)...].dropLast())
            rest = rest.dropFirst(Int(length))
        }
    }

    private mutating func add(_ key: String, _ value: ArraySlice<UInt8>) throws(TarError) {
        switch key {
        case "path": path = value.isEmpty ? nil : Array(value)
        case "linkpath": linkPath = value.isEmpty ? nil : Array(value)
        case "size":
            size = Self.decimal(value)
            guard size != nil || value.isEmpty else {
                throw TarError("the size in a pax record is not a number")
            }
        case "hdrcharset":
            // Names are UTF-8 either way, or refused.
            let known = ["", "BINARY", "ISO-IR 10646 2000 UTF-8"]
            if !known.contains(where: { value.elementsEqual($0.utf8) }) { obstruct(key) }
        // Times, owners, and what the content means to those who read it.
        case "atime", "charset", "comment", "ctime", "gid", "gname", "mtime", "uid", "uname": break
        default:
            // Without a point a key is POSIX's own, and none of those that there were in 2017.
            if !key.utf8.contains(UInt8(ascii: ".")) || Self.changesContent(key) { obstruct(key) }
        }
    }

    /// Of those that begin with a vendor's name. The others are attributes of files.
    private static func changesContent(_ key: String) -> Bool {
        // GNU tar has sparse files, parts of files, and lists of directories; star and Solaris have
        // sparse files, and star types of its own.
        let starts = ["GNU.", "SCHILY.realsize", "SCHILY.filetype", "SUN.holesdata"]
        return starts.contains { key.utf8.starts(with: $0.utf8) }
    }

    private mutating func obstruct(_ key: String) {
        if obstacle == nil { obstacle = key }
    }

    /// - Parameter name: what the records are about.
    func check(_ name: [UInt8]) throws(TarError) {
        let name = String(decoding: name, as: UTF8.self)
        if let obstacle {
            let isSparse =
                obstacle.utf8.starts(with: "GNU.sparse.".utf8)
                || obstacle.utf8.starts(with: "SUN.holesdata".utf8)
            throw TarError(
                isSparse
                    ? "'\(name)' is a sparse file (pax record \(obstacle)): only whole files are "
                        + "supported, as tar stores them without --sparse"
                    : "'\(name)' has the pax record \(obstacle), which is not supported")
        }
        guard linkPath == nil else {
            throw TarError("'\(name)' is a link: only files and directories are supported")
        }
    }

    /// For records about all members: none can be about name or content.
    func checkGlobal() throws(TarError) {
        if let obstacle {
            throw TarError("it has the global pax record \(obstacle), which is not supported")
        }
        guard path == nil, size == nil, linkPath == nil else {
            throw TarError("it has a path or size for all of its files")
        }
    }

    /// Digits and nothing else.
    private static func decimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            ? UInt64(String(decoding: digits, as: UTF8.self)) : nil
    }
}
