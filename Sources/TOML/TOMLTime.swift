/// Dates and times (RFC 3339).
struct TOMLTime {
    private var rest: ArraySlice<UInt8>

    /// - Returns: nil if it is none.
    static func value(_ word: ArraySlice<UInt8>) -> TOMLValue? {
        let text = String(decoding: word, as: UTF8.self)
        var reader = TOMLTime(rest: word)
        if word.count > 2, word[word.startIndex + 2] == UInt8(ascii: ":") {
            return reader.hasTime() && reader.rest.isEmpty ? .localTime(text) : nil
        }
        guard reader.hasDate() else { return nil }
        if reader.rest.isEmpty { return .localDate(text) }
        guard reader.skip(" ") || reader.skip("T") || reader.skip("t"), reader.hasTime() else {
            return nil
        }
        if reader.rest.isEmpty { return .localDateTime(text) }
        return reader.hasOffset() && reader.rest.isEmpty ? .dateTime(text) : nil
    }

    private mutating func hasDate() -> Bool {
        guard let year = number(4, in: 0...9999), skip("-"), let month = number(2, in: 1...12),
            skip("-")
        else { return false }
        let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days =
            switch month {
            case 2: isLeapYear ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        return number(2, in: 1...days) != nil
    }

    /// With a leap second, as RFC 3339 has it.
    private mutating func hasTime() -> Bool {
        guard number(2, in: 0...23) != nil, skip(":"), number(2, in: 0...59) != nil, skip(":"),
            number(2, in: 0...60) != nil
        else { return false }
        guard skip(".") else { return true }
        let fraction = rest.prefix(while: TOMLNumber.isDecimal)
        rest = rest[fraction.endIndex...]
        return !fraction.isEmpty
    }

    private mutating func hasOffset() -> Bool {
        if skip("Z") || skip("z") { return true }
        guard skip("+") || skip("-") else { return false }
        return number(2, in: 0...23) != nil && skip(":") && number(2, in: 0...59) != nil
    }

    private mutating func skip(_ text: StaticString) -> Bool {
        guard rest.starts(with: text.description.utf8) else { return false }
        rest = rest.dropFirst(text.utf8CodeUnitCount)
        return true
    }

    /// A number of so many digits.
    private mutating func number(_ count: Int, in range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(TOMLNumber.isDecimal) else { return nil }
        rest = rest.dropFirst(count)
        let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return range.contains(number) ? number : nil
    }
}
