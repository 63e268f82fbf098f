import Foundation
import Testing

@testable import JSON

@Suite struct JSONTests {
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

    @Test func `A line has no indentation`() {
        let value = JSON.object([
            ("a", .decimal("-1.5")), ("b", .array([.string("x\n"), .null])),
            ("c", .object([("d", .boolean(false))])), ("e", .array([])), ("f", .object([])),
        ])
        #expect(
            value.line
                == #"{"a": -1.5, "b": ["x\u000a", null], "c": {"d": false}, "e": [], "f": {}}"#)
    }

    @Test func `Nothing in a string steers a terminal`() throws {
        let values =
            Array(0...0x3FF as ClosedRange<UInt32>) + [0x2028, 0x202E, 0xFEFF, 0x1F600, 0xE0041]
        let text = String(String.UnicodeScalarView(values.compactMap(Unicode.Scalar.init)))
        let json = JSON.string(text).line
        let parsed = try JSONSerialization.jsonObject(with: Data("[\(json)]".utf8)) as? [String]
        #expect(parsed?.first?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
        #expect(!json.unicodeScalars.contains { $0.isUnprintable })
    }
}
