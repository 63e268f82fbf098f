import Bytes

/// Goes through a document byte by byte: blanks, comments, names.
struct TOMLScanner {
    private let text: [UInt8]
    private(set) var position = 0
    /// Counted from 1.
    private(set) var line = 1

    init(_ text: [UInt8]) throws(TextError) {
        guard String(validating: text, as: UTF8.self) != nil else {
            throw TextError("not UTF-8", line: 1)
        }
        self.text = text
        // A byte-order mark.
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    func failure(_ text: String) -> TextError { TextError(text, line: line) }

    var isAtEnd: Bool { position == text.count }

    /// The byte that comes after `count` others; nil past the end.
    func peek(_ count: Int = 0) -> UInt8? {
        count < text.count - position ? text[position + count] : nil
    }

    mutating func take() -> UInt8? {
        guard let byte = peek() else { return nil }
        position += 1
        if byte == UInt8(ascii: "\n") { line += 1 }
        return byte
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        _ = take()
        return true
    }

    func isNext(_ bytes: StaticString) -> Bool {
        text[position...].starts(with: bytes.description.utf8)
    }

    mutating func skip(_ bytes: StaticString) -> Bool {
        guard isNext(bytes) else { return false }
        for _ in 0..<bytes.utf8CodeUnitCount { _ = take() }
        return true
    }

    mutating func expect(_ byte: StaticString) throws(TextError) {
        guard skip(byte) else { throw failure("expected '\(byte)'") }
    }

    /// The bytes from here on of which all are.
    mutating func prefix(_ isMember: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let run = text[position...].prefix(while: isMember)
        position = run.endIndex
        return run
    }

    // MARK: Between statements

    mutating func skipBlanks() {
        _ = prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    /// LF or CR LF.
    mutating func skipNewline() -> Bool { skip("\n") || skip("\r\n") }

    /// Blanks and a comment: all that can precede the end of a line.
    private mutating func skipComment() throws(TextError) {
        skipBlanks()
        guard skip(UInt8(ascii: "#")) else { return }
        _ = prefix { $0 == UInt8(ascii: "\t") || $0 >= 0x20 && $0 != 0x7F }
        guard isAtEnd || isNext("\n") || isNext("\r\n") else {
            throw failure("a comment holds a control character")
        }
    }

    /// Lines that are empty, or hold a comment only.
    mutating func skipLines() throws(TextError) {
        repeat { try skipComment() } while skipNewline()
    }

    /// - Returns: whether there is one more.
    mutating func skipToStatement() throws(TextError) -> Bool {
        try skipLines()
        return !isAtEnd
    }

    mutating func endLine() throws(TextError) {
        try skipComment()
        guard isAtEnd || isNext("\n") || isNext("\r\n") else {
            throw failure("expected the end of the line")
        }
    }

    /// One of the names that a key is made of.
    mutating func name() throws(TextError) -> String {
        if skip(UInt8(ascii: "\"")) { return try basicString() }
        if skip(UInt8(ascii: "'")) { return try literalString() }
        let name = prefix { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard !name.isEmpty else { throw failure("expected a key") }
        return String(decoding: name, as: UTF8.self)
    }

    /// Does nothing if there is something else than the end of a line. What is skipped is all blanks
    /// and ends of lines.
    mutating func skipLineEnding() -> Bool {
        var attempt = self
        attempt.skipBlanks()
        guard attempt.skipNewline() else { return false }
        repeat { attempt.skipBlanks() } while attempt.skipNewline()
        self = attempt
        return true
    }
}
