import Bytes

extension TOMLScanner {
    /// A value that is one word: a number, a date or time, true or false.
    mutating func scalar() throws(TextError) -> TOMLValue {
        var word = prefix(Self.isPart)
        // A blank may stand between date and time.
        if word.count == 10, word[word.startIndex + 4] == UInt8(ascii: "-"),
            peek() == UInt8(ascii: " "), peek(1).map(TOMLNumber.isDecimal) ?? false
        {
            _ = take()
            word += [UInt8(ascii: " ")] + prefix(Self.isPart)
        }
        guard !word.isEmpty else { throw failure("expected a value") }
        let text = String(decoding: word, as: UTF8.self)
        switch text {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "inf", "+inf", "-inf", "nan", "+nan", "-nan": return .float(text)
        default: break
        }
        guard let value = TOMLTime.value(word) ?? TOMLNumber.value(word) else {
            throw failure("'\(text)' is not a value: strings are in quotes")
        }
        return value
    }

    /// Whether it can be in such a word.
    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Integers and floating-point numbers.
enum TOMLNumber {
    /// - Returns: nil if it is none, or an integer that has no room in 64 bits.
    static func value(_ word: ArraySlice<UInt8>) -> TOMLValue? {
        if word.first == UInt8(ascii: "0"), let radix = radix(word.dropFirst().first) {
            var rest = word.dropFirst(2)
            guard let digits = digits(&rest, below: radix), rest.isEmpty else { return nil }
            return Int64(String(decoding: digits, as: UTF8.self), radix: radix)
                .map { .integer($0) }
        }
        return decimal(word)
    }

    private static func radix(_ letter: UInt8?) -> Int? {
        switch letter {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
    }

    private static func decimal(_ word: ArraySlice<UInt8>) -> TOMLValue? {
        var rest = word
        var text = sign(&rest)
        guard let whole = digits(&rest, below: 10),
            whole.count == 1 || whole.first != UInt8(ascii: "0")
        else { return nil }
        text += whole
        if rest.isEmpty {
            return Int64(String(decoding: text, as: UTF8.self)).map { .integer($0) }
        }
        if rest.first == UInt8(ascii: ".") {
            text.append(rest.removeFirst())
            guard let fraction = digits(&rest, below: 10) else { return nil }
            text += fraction
        }
        if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
            text.append(rest.removeFirst())
            text += sign(&rest)
            guard let exponent = digits(&rest, below: 10) else { return nil }
            text += exponent
        }
        return rest.isEmpty ? .float(String(decoding: text, as: UTF8.self)) : nil
    }

    private static func sign(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        guard let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
            return []
        }
        rest.removeFirst()
        return [sign]
    }

    /// Digits, each two of which may have an underscore between them.
    ///
    /// - Returns: them without underscores; nil if there are none, or an underscore elsewhere.
    private static func digits(_ rest: inout ArraySlice<UInt8>, below radix: Int) -> [UInt8]? {
        let underscore = UInt8(ascii: "_")
        var digits: [UInt8] = []
        var last = underscore
        while let byte = rest.first {
            if byte == underscore {
                if last == underscore { return nil }
            } else if let digit = digit(byte), digit < radix {
                digits.append(byte)
            } else {
                break
            }
            last = byte
            rest.removeFirst()
        }
        return last == underscore ? nil : digits
    }

    static func isDecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// The value of a digit, 0 to 15.
    static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
