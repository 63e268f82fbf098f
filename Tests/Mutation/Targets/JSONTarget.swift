import JSON

/// A document of JSON, as it may come from a container's author.
final class JSONTarget: InputTarget {
    static let name = "json"

    init() {}

    static var seeds: [[UInt8]] {
        [
            #"{"type":"solo5.manifest","version":1,"devices":[{"name":"a","type":"NET_BASIC"}]}"#,
            #"{"a":[-1.5e+3,0,true,false,null,{"":{}}],"\u0061b":"\ud83d\ude00\n\"\\é漢"}"#,
            #"[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"#, "\t[ 1 ,\r\n2 ]\n", #""\u0000\uffff""#,
            #"{"process":{"args":["a","b"],"capabilities":{"bounding":[]}},"ociVersion":"1.0.2"}"#,
        ].map { Array($0.utf8) }
    }

    static var words: [[UInt8]] {
        [
            "\\u", "\\ud83d", "\\ude00", "\\", "\"", "\"a\":1,", "[[[[", "{\"\":", "]]", "}", ",",
            "1e", "-", "0", "18446744073709551616", "true", "null", "\u{feff}", "\u{2028}", "//",
        ].map { Array($0.utf8) } + [[0xED, 0xA0, 0x80], [0xC0, 0x80], [0xFF]]
    }

    func run(_ input: [UInt8]) throws -> Verdict {
        guard let value = try? JSONReader.read(input) else { return .refused }
        let lines = 1 + input.count { $0 == UInt8(ascii: "\n") }
        try check(value, depth: 0, lines: 1...lines)
        let written = value.written
        for text in [written.text, written.line] where text.utf8.count <= JSONReader.maximumSize {
            let again = try? JSONReader.read(Array(text.utf8))
            try promise(again?.written.line == written.line, "written, it is another: \(text)")
            try promise(
                text.unicodeScalars.allSatisfy { !$0.isUnprintable || $0 == "\n" },
                "a terminal could take it for a command: \(text)")
        }
        return .accepted
    }

    private func check(_ value: JSONValue, depth: Int, lines: ClosedRange<Int>) throws {
        try promise(depth < JSONReader.maximumDepth, "nested \(depth) deep")
        try promise(lines.contains(value.line), "line \(value.line) of \(lines.upperBound)")
        switch value.content {
        case .null, .boolean: break
        case .number(let digits):
            if let number = value.integer {
                try promise(
                    digits.spell(String(number)) || digits.spell("-0"), "\(digits.shown): \(number)"
                )
            }
        case .string(let text): try checkUTF8(text)
        case .array(let elements):
            for element in elements { try check(element, depth: depth + 1, lines: lines) }
        case .object(let members):
            try promise(Set(members.map { $0.key }).count == members.count, "a key twice")
            for member in members {
                try checkUTF8(member.key)
                try promise(lines.contains(member.line), "line \(member.line)")
                try check(member.value, depth: depth + 1, lines: lines)
            }
        }
    }

    private func checkUTF8(_ text: [UInt8]) throws {
        try promise(String(validating: text, as: UTF8.self) != nil, "not UTF-8: \(text)")
    }
}

extension JSONValue {
    /// The same, to be written.
    fileprivate var written: JSON {
        switch content {
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .number(let digits): .decimal(digits.shown)
        case .string(let text): .string(text.shown)
        case .array(let elements): .array(elements.map { $0.written })
        case .object(let members): .object(members.map { ($0.key.shown, $0.value.written) })
        }
    }
}
