import Bytes
import Linux
import Tender

/// The header of a member of a tar archive: a block of 512 bytes (ustar, GNU tar).
struct TarHeader {
    enum Kind {
        case file, directory
        /// GNU tar's long name (type L) for the member that follows.
        case longName
        /// A pax extended header (type x) for the member that follows.
        case extended
        /// A pax global header (type g) for all members that follow.
        case global
    }

    let name: [UInt8]
    let kind: Kind
    /// In bytes; the next header begins at the next multiple of 512.
    let contentSize: UInt64

    static let size: UInt64 = 512

    private enum Field {
        static let name = 0..<100
        static let size = 124..<136
        static let checksum = 148..<156
        static let type = 156
        static let magic = 257..<263
        static let prefix = 345..<500
    }

    /// - Parameter block: 512 bytes.
    init(_ block: [UInt8], at position: UInt64) throws(InputError) {
        guard block.count == Int(Self.size),
            let checksum = Self.octal(block[Field.checksum]), checksum == Self.checksum(block)
        else { throw InputError("the header at byte \(position) has a wrong checksum") }
        var name = Self.text(block[Field.name])
        // GNU tar, with a different magic, has other fields in place of the prefix.
        if block[Field.magic].elementsEqual(Array("ustar\0".utf8)) {
            let prefix = Self.text(block[Field.prefix])
            if !prefix.isEmpty { name = prefix + [UInt8(ascii: "/")] + name }
        }
        self.name = name
        let text = String(decoding: name, as: UTF8.self)
        guard let size = Self.octal(block[Field.size]) else {
            throw InputError("the size of '\(text)' is not a number")
        }
        switch block[Field.type] {
        case 0, UInt8(ascii: "0"):
            // Pre-POSIX archives mark a directory by a final slash.
            kind = name.last == UInt8(ascii: "/") ? .directory : .file
        case UInt8(ascii: "5"): kind = .directory
        case UInt8(ascii: "L"): kind = .longName
        case UInt8(ascii: "x"): kind = .extended
        case UInt8(ascii: "g"): kind = .global
        case let type:
            let what =
                switch type {
                case UInt8(ascii: "1"), UInt8(ascii: "2"): "a link"
                case UInt8(ascii: "3"), UInt8(ascii: "4"): "a device"
                case UInt8(ascii: "6"): "a FIFO"
                default: "of type \(type)"
                }
            throw InputError("'\(text)' is \(what): only files and directories are supported")
        }
        contentSize = size
    }

    /// Whether this is a file or directory, to which the extended headers before it apply.
    var isMember: Bool { kind == .file || kind == .directory }

    /// The bytes of a field up to the first NUL, if there is one.
    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] {
        Array(field.prefix { $0 != 0 })
    }

    /// The value of octal digits, padded with blanks or NULs. At most 12 digits fit into a field,
    /// so it does not overflow.
    private static func octal(_ field: ArraySlice<UInt8>) -> UInt64? {
        let blanks: [UInt8] = [0, UInt8(ascii: " ")]
        let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { !blanks.contains($0) }
        let rest = field[digits.endIndex...]
        guard !digits.isEmpty, rest.allSatisfy(blanks.contains),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) })
        else { return nil }
        return digits.reduce(0) { $0 << 3 | UInt64($1 - UInt8(ascii: "0")) }
    }

    /// The sum of all bytes, with those of the checksum field taken as blanks.
    private static func checksum(_ block: [UInt8]) -> UInt64 {
        let own = block[Field.checksum].reduce(0) { $0 + UInt64($1) }
        let all = block.reduce(0) { $0 + UInt64($1) }
        return all - own + UInt64(Field.checksum.count) * UInt64(UInt8(ascii: " "))
    }
}

extension GuestPath {
    /// The path of a member of an archive. Unlike in a guest's path, ".." is refused.
    init(archived name: [UInt8]) throws(InputError) {
        let text = String(decoding: name, as: UTF8.self)
        let names = name.split(separator: UInt8(ascii: "/"))
        guard !names.contains(where: { $0.elementsEqual("..".utf8) }) else {
            throw InputError("the name '\(text)' has a '..'")
        }
        do throws(Errno) {
            try self.init(name)
        } catch {
            throw InputError("the name '\(text)' can't be a path: \(error)")
        }
        guard !isRoot else { throw InputError("a file has no name") }
    }
}
