import Bytes
import Testing

@testable import JSON

@Suite struct JSONReaderTests {
    private func read(_ text: String) throws(TextError) -> JSONValue {
        try JSONReader.read(Array(text.utf8))
    }

    private func failure(_ bytes: [UInt8]) -> String? {
        do throws(TextError) {
            _ = try JSONReader.read(bytes)
            return nil
        } catch {
            return "f:\(error.line): \(error.text)"
        }
    }

    private func failure(_ text: String) -> String? { failure(Array(text.utf8)) }

    @Test(arguments: [
        "null", "true", "false", "0", "-0", "12", "-1.5", "1e9", "1E+9", "0.25e-3", "\"\"", "[]",
        "{}", "[ ]", "{ }", "[1, [2], {\"a\": [3]}]", " \t\r\n1 \t\r\n", "\"\u{7f}é漢😀\"",
    ]) func acceptsJSON(_ text: String) {
        #expect(failure(text) == nil)
    }

    @Test(arguments: [
        "tru", "nul", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "[1,]",
        "{\"a\":1,}", "[1 2]", "{\"a\" 1}", "{a:1}", "{1:1}", "{\"a\"}", "[,]", "1 2", "[]]", "{}}",
        "// comment\n1", "/**/1", "'a'", "\u{feff}{}", "", " ", "\"", "\"\\", "\"\\u", "[", "{",
        "{\"a\"", "{\"a\":", "{\"a\":1", "[1", "[1,", "{\"a\":1]", "\u{0}",
    ]) func refusesWhatIsNotJSON(_ text: String) {
        #expect(failure(text) != nil)
    }

    @Test(arguments: [
        (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz"),
        (#""\u0041\u00e9\u6F22\u0000""#, "Aé漢\u{0}"),
        (#""\ud83d\ude00\uDBFF\uDFFF""#, "😀\u{10ffff}"),
        (#""\ud7ff\ue000\uffff""#, "\u{d7ff}\u{e000}\u{ffff}"),
    ]) func decodesEscapes(_ text: String, _ expected: String) throws {
        guard case .string(let bytes) = try read(text).content else {
            Issue.record("not a string")
            return
        }
        #expect(bytes == Array(expected.utf8))
    }

    @Test(arguments: [
        #""\ud83d""#, #""\ude00""#, #""\ud83dx""#, #""\ud83d\n""#, #""\ud83d\u0041""#,
        #""\ude00\ud83d""#, #""\ud83d\ud83d""#,
    ]) func refusesHalfASurrogatePair(_ text: String) {
        #expect(failure(text) == "f:1: surrogate without its other half")
    }

    @Test(arguments: [#""\x41""#, #""\U0041""#, #""\'""#, "\"\\\n\""])
    func refusesUnknownEscapes(_ text: String) {
        #expect(failure(text) == "f:1: unknown escape in a string")
    }

    @Test(arguments: [#""\u004""#, #""\u00g0""#, #""\u+041""#, #""\ud83d\u""#])
    func refusesBadHexadecimal(_ text: String) {
        #expect(failure(text) == "f:1: syntax error, expected a hexadecimal digit")
    }

    @Test(arguments: ["\"a\nb\"", "\"\t\"", "\"\u{0}\"", "\"\u{1f}\""])
    func refusesControlCharactersInStrings(_ text: String) {
        #expect(failure(text) == "f:1: control character in a string")
    }

    @Test(
        arguments: [
            [0xff], [0xc0, 0x80], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80],
            [0xe0, 0x80, 0x80],
        ] as [[UInt8]]) func refusesInvalidUTF8(_ bytes: [UInt8])
    {
        #expect(failure(Array("[\n\n\"é".utf8) + bytes + Array("\"]".utf8)) == "f:3: invalid UTF-8")
    }

    @Test func boundsTheSize() {
        let most = JSONReader.maximumSize
        #expect(failure("[" + String(repeating: " ", count: most - 2) + "]") == nil)
        #expect(
            failure("[" + String(repeating: " ", count: most - 1) + "]")
                == "f:1: larger than \(most) bytes")
    }

    @Test(arguments: [
        (#"{"a":1,"a":1}"#, "f:1: (root): duplicate key: a"),
        ("{\"b\":1,\n\"a\":2,\n\"b\":3,\n\"a\":4}", "f:3: (root): duplicate key: b"),
        ("{\"a\":1,\n\"a\":2,\n\"a\":3}", "f:2: (root): duplicate key: a"),
        (#"{"a":[{"b":{}},{"c":{"":1,"d":2,"":3}}]}"#, "f:1: .a[].c: duplicate key: "),
        (#"{"name":1,"n\u0061me":2}"#, "f:1: (root): duplicate key: name"),
        (#"[{"a":1},{"a":1,"b":[],"a":2}]"#, "f:1: []: duplicate key: a"),
    ]) func refusesDuplicateKeys(_ text: String, _ expected: String) {
        #expect(failure(text) == expected)
    }

    @Test(arguments: [
        #"[{"a":1},{"a":1}]"#, #"{"a":{"a":{"a":1}}}"#, #"{"a":1,"A":1,"a ":1,"":1}"#,
        // The same letter twice for a person, and not for a machine.
        #"{"\u00e9":1,"e\u0301":2}"#,
    ]) func acceptsLikeKeys(_ text: String) {
        #expect(failure(text) == nil)
    }

    /// Each with each, these would be compared for minutes.
    @Test func manyKeysTakeNoTime() {
        let keys = (0..<90_000).map { "\"\($0 * 7919 % 90_000)\":0" }
        #expect(failure("{" + keys.joined(separator: ",") + "}") == nil)
        #expect(
            failure("{" + keys.joined(separator: ",\n") + ",\n\"1\":0}")
                == "f:90001: (root): duplicate key: 1")
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("12", 12), ("-1", -1), ("9223372036854775807", .max),
            ("-9223372036854775808", .min), ("9223372036854775808", nil),
            ("-9223372036854775809", nil), ("18446744073709551617", nil), ("1.0", nil),
            ("1e0", nil),
            ("1" + String(repeating: "0", count: 1000), nil), ("\"1\"", nil), ("true", nil),
            ("null", nil), ("[1]", nil), ("{\"a\":1}", nil),
        ] as [(String, Int64?)]) func readsIntegersInRange(_ text: String, _ expected: Int64?)
        throws
    {
        #expect(try read(text).integer == expected)
    }

    @Test func tellsTrueFromFalse() throws {
        guard case .array(let elements) = try read("[true, false]").content,
            case .boolean(true) = elements[0].content, case .boolean(false) = elements[1].content
        else {
            Issue.record("not an array of both")
            return
        }
    }

    @Test func boundsNesting() {
        let limit = JSONReader.maximumDepth
        func nested(_ depth: Int, _ open: String, _ close: String) -> String {
            String(repeating: open, count: depth) + String(repeating: close, count: depth)
        }
        #expect(failure(nested(limit, "[", "]")) == nil)
        #expect(failure(nested(limit + 1, "[", "]")) == "f:1: nested too deeply, maximum \(limit)")
        #expect(
            failure(String(repeating: "[\n", count: 100_000))?.hasPrefix("f:17: nested") == true)
        #expect(failure(String(repeating: "{\"\":", count: 100_000))?.contains("nested") == true)
    }

    @Test(arguments: [
        ("{\n\n  x", "f:3: syntax error, expected a key"),
        ("{\r\n\"a\":\r\n,", "f:3: syntax error, expected a value"),
        ("[1,\n2\n3]", "f:3: syntax error, expected ',' or ']'"),
        ("{\"a\":1\n\"b\"", "f:2: syntax error, expected ',' or '}'"),
        ("{\"a\"\n1", "f:2: syntax error, expected ':'"),
        ("1\n\n2", "f:3: syntax error, expected end of file"),
        ("[\n\n", "f:3: unexpected end of file, expected a value"),
        ("\n\"abc", "f:2: unexpected end of file, expected '\"'"),
        ("[\"\\n\\n\",\n@]", "f:2: syntax error, expected a value"),
    ]) func countsLines(_ text: String, _ expected: String) {
        #expect(failure(text) == expected)
    }

    @Test func knowsTheLineOfEachValue() throws {
        guard case .object(let members) = try read("\n{\n\"a\":\n\n[1,\n2]}").content,
            case .array(let elements) = members[0].value.content
        else {
            Issue.record("not an array in an object")
            return
        }
        #expect(try read("\n{\n\"a\":\n\n[1,\n2]}").line == 2)
        #expect(members[0].line == 3)
        #expect(members[0].value.line == 5)
        #expect(elements.map(\.line) == [5, 6])
    }

    /// A reader that traps takes the test run down with it.
    @Test func survivesDamage() {
        let good = Array(
            #"{"type":"a\u0041\ud83d\ude00é","n":[-1.5e+3,true,null,{"x":false}]}"#.utf8)
        #expect(failure(good) == nil)
        for index in good.indices {
            #expect(failure(Array(good[..<index])) != nil)
            for byte in UInt8.min...UInt8.max {
                var damaged = good
                damaged[index] = byte
                _ = failure(damaged)
                damaged.insert(good[index], at: index)
                _ = failure(damaged)
            }
        }
    }
}
