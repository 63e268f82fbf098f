import Bytes

/// A strict JSON parser (RFC 8259): no comments, no trailing commas, no byte order mark, and no
/// duplicate keys. Its time and memory are bounded by the length of the text.
public struct JSONReader {
    /// The deepest nesting: deeper than any manifest, and shallow enough for any stack.
    public static let maximumDepth = 16
    /// The largest text, in bytes: far above the largest valid manifest.
    public static let maximumSize = 1 << 20

    private let source: [UInt8]
    private var position = 0
    private var line = 1
    /// The path of keys to the current value; nil stands for an array.
    private var path: [[UInt8]?] = []

    /// Parses `source`, which holds one value.
    public static func read(_ source: [UInt8]) throws(TextError) -> JSONValue {
        guard source.count <= maximumSize else {
            throw TextError("larger than \(maximumSize) bytes", line: 1)
        }
        var reader = JSONReader(source: source)
        try reader.validateUTF8()
        let value = try reader.readValue(depth: 0)
        reader.skipSpace()
        guard reader.position == source.count else {
            throw reader.unexpected("end of file")
        }
        return value
    }

    private init(source: [UInt8]) {
        self.source = source
    }

    private func validateUTF8() throws(TextError) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: source.span)
        } catch {
            let before = source[..<error.byteOffsets.lowerBound]
            let line = 1 + before.count { $0 == UInt8(ascii: "\n") }
            throw TextError("invalid UTF-8", line: line)
        }
    }

    // MARK: Values

    private mutating func readValue(depth: Int) throws(TextError) -> JSONValue {
        skipSpace()
        let line = line
        return JSONValue(line: line, content: try readContent(depth: depth))
    }

    private mutating func readContent(depth: Int) throws(TextError) -> JSONValue.Content {
        guard depth < Self.maximumDepth else {
            throw failure("nested too deeply, maximum \(Self.maximumDepth)")
        }
        guard let byte = peek else {
            throw unexpected("a value")
        }
        switch byte {
        case UInt8(ascii: "{"):
            return .object(try readObject(depth: depth))
        case UInt8(ascii: "["):
            return .array(try readArray(depth: depth))
        case UInt8(ascii: "\""):
            return .string(try readString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try readNumber())
        case UInt8(ascii: "t"):
            try expect("true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .boolean(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        default:
            throw unexpected("a value")
        }
    }

    private mutating func readObject(depth: Int) throws(TextError) -> [JSONMember] {
        try expect("{")
        var members: [JSONMember] = []
        skipSpace()
        if take("}") { return members }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else {
                throw unexpected("a key")
            }
            let line = line
            let key = try readString()
            skipSpace()
            try expect(":")
            path.append(key)
            let value = try readValue(depth: depth + 1)
            path.removeLast()
            members.append(JSONMember(line: line, key: key, value: value))
            skipSpace()
        } while take(",")
        guard take("}") else {
            throw unexpected("',' or '}'")
        }
        try refuseDuplicates(among: members)
        return members
    }

    /// Refuses duplicate keys, since parsers differ in which of the values they take.
    private func refuseDuplicates(among members: [JSONMember]) throws(TextError) {
        // Sorted: comparing all pairs would take quadratic time on a hostile text.
        let order = members.indices.sorted { left, right in
            let (first, second) = (members[left].key, members[right].key)
            if first == second { return left < right }
            return first.lexicographicallyPrecedes(second)
        }
        let duplicates = zip(order, order.dropFirst()).filter { earlier, later in
            members[earlier].key == members[later].key
        }
        guard let index = duplicates.map({ $0.1 }).min() else { return }
        var location = ""
        for key in path { location += key.map { ".\($0.shown)" } ?? "[]" }
        throw TextError(
            (location.isEmpty ? "(root)" : location)
                + ": duplicate key: \(members[index].key.shown)",
            line: members[index].line)
    }

    private mutating func readArray(depth: Int) throws(TextError) -> [JSONValue] {
        try expect("[")
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return elements }
        path.append(nil)
        repeat {
            elements.append(try readValue(depth: depth + 1))
            skipSpace()
        } while take(",")
        path.removeLast()
        guard take("]") else {
            throw unexpected("',' or ']'")
        }
        return elements
    }

    private mutating func readNumber() throws(TextError) -> [UInt8] {
        let start = position
        _ = take("-")
        if !take("0") { try readDigits() }
        if take(".") { try readDigits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try readDigits()
        }
        return Array(source[start..<position])
    }

    private mutating func readDigits() throws(TextError) {
        let start = position
        while let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
            position += 1
        }
        guard position > start else {
            throw unexpected("a digit")
        }
    }

    // MARK: Strings

    private mutating func readString() throws(TextError) -> [UInt8] {
        try expect("\"")
        var bytes: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return bytes
            case UInt8(ascii: "\\"):
                position += 1
                bytes.append(contentsOf: try readEscape().utf8)
            case 0..<0x20:
                throw failure("control character in a string")
            default:
                position += 1
                bytes.append(byte)
            }
        }
        throw unexpected("'\"'")
    }

    private mutating func readEscape() throws(TextError) -> Unicode.Scalar {
        guard let byte = peek else {
            throw unexpected("an escape")
        }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try readUnicodeEscape()
        default: throw failure("unknown escape in a string")
        }
    }

    private mutating func readUnicodeEscape() throws(TextError) -> Unicode.Scalar {
        let first = try readHexadecimal()
        guard UTF16.isLeadSurrogate(first) else {
            guard let scalar = Unicode.Scalar(first) else {
                throw failure("surrogate without its other half")
            }
            return scalar
        }
        guard take("\\u") else {
            throw failure("surrogate without its other half")
        }
        let second = try readHexadecimal()
        guard UTF16.isTrailSurrogate(second) else {
            throw failure("surrogate without its other half")
        }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private mutating func readHexadecimal() throws(TextError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch peek ?? 0 {
            case let byte where UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte:
                digit = byte - UInt8(ascii: "0")
            case let byte where UInt8(ascii: "A")...UInt8(ascii: "F") ~= byte:
                digit = byte - UInt8(ascii: "A") + 10
            case let byte where UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte:
                digit = byte - UInt8(ascii: "a") + 10
            default:
                throw unexpected("a hexadecimal digit")
            }
            position += 1
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    // MARK: Bytes

    private var peek: UInt8? {
        position < source.count ? source[position] : nil
    }

    private mutating func skipSpace() {
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            default: return
            }
            position += 1
        }
    }

    private mutating func take(_ text: String) -> Bool {
        guard source[position...].starts(with: text.utf8) else {
            return false
        }
        position += text.utf8.count
        return true
    }

    private mutating func expect(_ text: String) throws(TextError) {
        guard take(text) else {
            throw unexpected("'\(text)'")
        }
    }

    private func unexpected(_ wanted: String) -> TextError {
        failure(
            position < source.count
                ? "syntax error, expected \(wanted)" : "unexpected end of file, expected \(wanted)")
    }

    private func failure(_ text: String) -> TextError { TextError(text, line: line) }
}
