/// The part of TOML 1.0 that a hermit.toml is made of: tables, strings, numbers without a sign, and
/// arrays of strings. Whatever else there is in TOML is an error that names its line.
struct TOML {
    enum Value: Equatable {
        case string(String)
        case number(UInt64)
        case strings([String])
    }

    struct Entry: Equatable {
        /// Empty for what precedes all tables.
        let table: String
        let key: String
        let value: Value
        let line: Int
    }

    private(set) var entries: [Entry] = []

    init(_ text: [UInt8]) throws(TOMLError) {
        guard String(validating: text, as: UTF8.self) != nil else {
            throw TOMLError("not UTF-8", line: 1)
        }
        var reader = TOMLReader(text)
        var table = ""
        var tables: [String] = []
        while reader.skipToStatement() {
            if reader.skip("[") {
                table = try reader.word("the name of a table")
                guard reader.skip("]") else { throw reader.failure("expected ']'") }
                guard !tables.contains(table) else {
                    throw reader.failure("table [\(table)] is there twice")
                }
                tables.append(table)
            } else {
                let line = reader.line
                let key = try reader.word("a key")
                guard reader.skip("=") else { throw reader.failure("expected '='") }
                let value = try reader.value()
                guard !entries.contains(where: { $0.table == table && $0.key == key }) else {
                    throw reader.failure("\(key) is there twice")
                }
                entries.append(Entry(table: table, key: key, value: value, line: line))
            }
            try reader.endLine()
        }
    }
}

struct TOMLError: Error, Equatable {
    let text: String
    let line: Int

    init(_ text: String, line: Int) {
        self.text = text
        self.line = line
    }
}

/// Goes through the text byte by byte.
private struct TOMLReader {
    private var rest: ArraySlice<UInt8>
    private(set) var line = 1

    init(_ text: [UInt8]) {
        rest = text[...]
    }

    func failure(_ text: String) -> TOMLError { TOMLError(text, line: line) }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    private mutating func skipBlanks() {
        rest = rest.drop(while: Self.isBlank)
        if rest.first == UInt8(ascii: "#") { rest = rest.drop { $0 != UInt8(ascii: "\n") } }
    }

    private mutating func skipLines() {
        skipBlanks()
        while rest.first == UInt8(ascii: "\n") {
            rest.removeFirst()
            line += 1
            skipBlanks()
        }
    }

    /// - Returns: whether there is one more.
    mutating func skipToStatement() -> Bool {
        skipLines()
        return !rest.isEmpty
    }

    mutating func endLine() throws(TOMLError) {
        skipBlanks()
        guard rest.isEmpty || rest.first == UInt8(ascii: "\n") else {
            throw failure("expected the end of the line")
        }
    }

    mutating func skip(_ text: StaticString) -> Bool {
        rest = rest.drop(while: Self.isBlank)
        guard rest.starts(with: text.description.utf8) else { return false }
        rest = rest.dropFirst(text.utf8CodeUnitCount)
        return true
    }

    /// A name without quotes.
    mutating func word(_ what: String) throws(TOMLError) -> String {
        rest = rest.drop(while: Self.isBlank)
        let word = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard !word.isEmpty else { throw failure("expected \(what) without quotes") }
        rest = rest.dropFirst(word.count)
        return String(decoding: word, as: UTF8.self)
    }

    mutating func value() throws(TOMLError) -> TOML.Value {
        if skip("[") { return .strings(try strings()) }
        if let string = try string() { return .string(string) }
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let number = UInt64(String(decoding: digits, as: UTF8.self)) else {
            throw failure("expected a string, an array of strings, or a number")
        }
        rest = rest.dropFirst(digits.count)
        return .number(number)
    }

    private mutating func strings() throws(TOMLError) -> [String] {
        var strings: [String] = []
        while true {
            skipLines()
            if skip("]") { return strings }
            guard let string = try string() else { throw failure("expected a string or ']'") }
            strings.append(string)
            skipLines()
            guard skip(",") else {
                guard skip("]") else { throw failure("expected ',' or ']'") }
                return strings
            }
        }
    }

    /// - Returns: nil if there is none.
    private mutating func string() throws(TOMLError) -> String? {
        let isLiteral: Bool
        if skip("\"") {
            isLiteral = false
        } else if skip("'") {
            isLiteral = true
        } else {
            return nil
        }
        let quote = isLiteral ? UInt8(ascii: "'") : UInt8(ascii: "\"")
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case quote:
                guard !(bytes.isEmpty && rest.first == quote) else {
                    throw failure("strings of several lines are not supported")
                }
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\") where !isLiteral: bytes += try escaped()
            case 0..<0x20 where byte != UInt8(ascii: "\t"), 0x7F:
                throw failure("a string has no end, or holds a control character")
            default: bytes.append(byte)
            }
        }
        throw failure("a string has no end")
    }

    private mutating func escaped() throws(TOMLError) -> [UInt8] {
        switch rest.popFirst() {
        case UInt8(ascii: "\""): return [UInt8(ascii: "\"")]
        case UInt8(ascii: "\\"): return [UInt8(ascii: "\\")]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "u"): return try scalar(digits: 4)
        case UInt8(ascii: "U"): return try scalar(digits: 8)
        default: throw failure("a string has an unknown escape")
        }
    }

    private mutating func scalar(digits count: Int) throws(TOMLError) -> [UInt8] {
        let digits = rest.prefix(count)
        guard digits.count == count, !digits.contains(UInt8(ascii: "+")),
            let number = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(number)
        else { throw failure("a string has an unknown escape") }
        rest = rest.dropFirst(count)
        return Array(String(Character(scalar)).utf8)
    }
}
