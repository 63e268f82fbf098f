import Bytes

extension TOMLScanner {
    /// A string of any kind.
    ///
    /// - Returns: nil if there is none.
    mutating func string() throws(TextError) -> String? {
        if skip("\"\"\"") { return try longString(UInt8(ascii: "\"")) }
        if skip("'''") { return try longString(UInt8(ascii: "'")) }
        if skip(UInt8(ascii: "\"")) { return try basicString() }
        if skip(UInt8(ascii: "'")) { return try literalString() }
        return nil
    }

    /// A basic string, after its `"`.
    mutating func basicString() throws(TextError) -> String {
        var bytes: [UInt8] = []
        while let byte = peek() {
            if skip(UInt8(ascii: "\"")) { return String(decoding: bytes, as: UTF8.self) }
            if skip(UInt8(ascii: "\\")) {
                bytes += try escaped()
            } else {
                try checkText(byte)
                bytes.append(byte)
                _ = take()
            }
        }
        throw unended
    }

    /// A literal string, after its `'`.
    mutating func literalString() throws(TextError) -> String {
        let bytes = prefix { $0 == UInt8(ascii: "\t") || $0 >= 0x20 && $0 != UInt8(ascii: "'") }
        if let byte = bytes.first(where: { $0 == 0x7F }) ?? peek() { try checkText(byte) }
        guard skip(UInt8(ascii: "'")) else { throw unended }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A multi-line string, after its three quotes. Ends of lines are LF, however they were written.
    private mutating func longString(_ quote: UInt8) throws(TextError) -> String {
        var bytes: [UInt8] = []
        // One that follows the quotes is not part of it.
        _ = skipNewline()
        while let byte = peek() {
            if byte == quote {
                var count = 0
                // Two can precede those at the end.
                while count < 5, skip(quote) { count += 1 }
                bytes += [UInt8](repeating: quote, count: count < 3 ? count : count - 3)
                if count >= 3 { return String(decoding: bytes, as: UTF8.self) }
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                _ = take()
                if !skipLineEnding() { bytes += try escaped() }
            } else if skipNewline() {
                bytes.append(UInt8(ascii: "\n"))
            } else {
                try checkText(byte)
                bytes.append(byte)
                _ = take()
            }
        }
        throw unended
    }

    private var unended: TextError { failure("a string has no end") }

    /// Throws if the byte can't be in a string as it is.
    private func checkText(_ byte: UInt8) throws(TextError) {
        switch byte {
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            throw failure("a string has no end in its line")
        case UInt8(ascii: "\t"): break
        case 0..<0x20, 0x7F: throw failure("a string holds a control character")
        default: break
        }
    }

    /// An escape, after its `\`.
    private mutating func escaped() throws(TextError) -> [UInt8] {
        switch take() {
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

    private mutating func scalar(digits count: Int) throws(TextError) -> [UInt8] {
        var number: UInt32 = 0
        for _ in 0..<count {
            guard let digit = take().flatMap({ TOMLNumber.digit($0) }), digit < 16 else {
                throw failure("a string has an unknown escape")
            }
            number = number << 4 | UInt32(digit)
        }
        guard let scalar = Unicode.Scalar(number) else {
            throw failure("a string has an unknown escape")
        }
        return Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}
