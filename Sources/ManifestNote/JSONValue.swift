/// A JSON value with the line that it begins on.
struct JSONValue {
    /// What the value is; text is bytes of valid UTF-8.
    enum Content {
        case null
        case boolean
        /// A number as it is written, since only the digits tell an integer from 1.0.
        case number([UInt8])
        case string([UInt8])
        case array([JSONValue])
        case object([JSONMember])
    }

    let line: Int
    let content: Content

    /// The kind of value, in JSON's own words.
    var kind: String {
        switch content {
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

/// A member of a JSON object, with the line of its key.
struct JSONMember {
    let line: Int
    let key: [UInt8]
    let value: JSONValue
}

extension [UInt8] {
    /// Whether these bytes spell `text`.
    ///
    /// Not a comparison of Strings: that follows canonical equivalence, which a format of bytes
    /// does not know, and which costs Embedded Swift its Unicode tables.
    func spell(_ text: String) -> Bool {
        elementsEqual(text.utf8)
    }

    /// These bytes as text for a message.
    var shown: String {
        String(decoding: self, as: UTF8.self)
    }
}
