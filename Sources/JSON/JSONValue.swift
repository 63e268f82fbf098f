/// A parsed JSON value, with the line that it begins on.
public struct JSONValue {
    /// The kind and contents of the value; strings are bytes of valid UTF-8.
    public enum Content {
        case null
        case boolean(Bool)
        /// A number as written, of any size: only its text distinguishes 1 from 1.0.
        case number([UInt8])
        case string([UInt8])
        case array([JSONValue])
        /// Members with unique keys.
        case object([JSONMember])
    }

    public let line: Int
    public let content: Content

    /// The kind of value, by JSON's name for it.
    public var kind: String {
        switch content {
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The number as an integer; nil if the value is no number, has a fraction or an exponent (also
    /// in 1.0 and 1e0), or is out of range.
    public var integer: Int64? {
        guard case .number(let digits) = content else { return nil }
        let isNegative = digits.first == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in isNegative ? digits.dropFirst() : digits[...] {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) =
                isNegative
                ? tenfold.subtractingReportingOverflow(digit)
                : tenfold.addingReportingOverflow(digit)
            guard !isTooLarge, !overflow else { return nil }
            value = sum
        }
        return value
    }
}

/// A member of a JSON object, with the line of its key.
public struct JSONMember {
    public let line: Int
    public let key: [UInt8]
    public let value: JSONValue
}

extension [UInt8] {
    /// Whether these bytes spell `text`.
    ///
    /// Not a comparison of Strings: that uses canonical equivalence, which is wrong for a byte
    /// format, and links Unicode tables into Embedded Swift.
    public func spell(_ text: String) -> Bool {
        elementsEqual(text.utf8)
    }

    /// These bytes as text for a message.
    public var shown: String {
        String(decoding: self, as: UTF8.self)
    }
}
