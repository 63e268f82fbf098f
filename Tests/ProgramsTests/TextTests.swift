import Foundation
import Testing

@testable import Programs
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

    @Test func `what a terminal takes for a command is not written, wherever it comes from`() {
        var written = ""
        let streams = Streams { text, _ in
            written += text
            return true
        }
        streams.print("a\u{1B}[2J\n")
        streams.complain("b\u{9B}\u{7}\n")
        #expect(written == "a\\x1b[2J\nb\\u{9b}\\x07\n")
    }
}
