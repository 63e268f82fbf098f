/// A JSON value that was read, with the line that it begins on.
public struct JSONValue {
    /// What the value is; text is bytes of valid UTF-8.
    public enum Content {
        case null
        case boolean(Bool)
        /// A number as it is written, of any size: only the digits tell an integer from 1.0.
        case number([UInt8])
        case string([UInt8])
        case array([JSONValue])
        /// No key occurs twice.
        case object([JSONMember])
    }

    public let line: Int
    public let content: Content

    /// The kind of value, in JSON's own words.
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

    /// The number; nil if the value is none, if it has a fraction or an exponent, even one that
    /// changes nothing, or if it is out of range.
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
    /// Not a comparison of Strings: that follows canonical equivalence, which a format of bytes
    /// does not know, and which costs Embedded Swift its Unicode tables.
    public func spell(_ text: String) -> Bool {
        elementsEqual(text.utf8)
    }

    /// These bytes as text for a message.
    public var shown: String {
        String(decoding: self, as: UTF8.self)
    }
}

/// Why a text can't be read as JSON.
public struct JSONError: Error, Equatable, Sendable {
    /// From 1 on.
    public let line: Int
    /// Keys in it come from outside: to be made printable.
    public let message: String
}
