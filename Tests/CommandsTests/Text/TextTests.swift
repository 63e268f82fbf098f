import Foundation
import Testing

@testable import Commands
@testable import Tender

@Suite struct TextTests {
    @Test func `JSON has an indentation of two`() {
        let value = JSON.object([
            ("a", .number(.max)), ("b", .array([.string("x"), .null])),
            ("c", .object([("d", .boolean(true))])), ("e", .array([])), ("f", .object([])),
        ])
        #expect(
            value.text == """
                {
                  "a": 18446744073709551615,
                  "b": [
                    "x",
                    null
                  ],
                  "c": {
                    "d": true
                  },
                  "e": [],
                  "f": {}
                }

                """)
    }

    @Test func `JSON can hold every text`() throws {
        let text = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init)))
        let json = JSON.array([.string(text)]).text
        let parsed = try JSONSerialization.jsonObject(with: Data(json.utf8))
        #expect(parsed as? [String] == [text])
        #expect(!json.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }

    @Test func `columns align`() {
        #expect(columns([("a", "1"), ("long", "2"), ("b", "")]) == "  a     1\n  long  2\n  b\n")
    }

    @Test func `names of an image's choice don't reach the terminal's controls`() {
        #expect(quoted("a\u{1B}[2J\n\u{7F}") == "'a\\x1b[2J\\x0a\\x7f'")
    }
}
