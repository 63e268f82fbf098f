import Bytes
import Testing

@testable import TOML

/// What is read from a document, which line is at fault, and how much a document can ask for.
@Suite struct TOMLTests {
    private func parse(_ text: String) throws -> TOMLTable {
        try TOMLTable.parse(Array(text.utf8))
    }

    @Test(
        arguments: [
            (#""""#, #"string """#), (#""a # b""#, #"string "a # b""#),
            ("'a\\n'", #"string "a\\n""#),
            (#""\b\t\n\f\r\"\\""#, #"string "\u{08}\t\n\u{0C}\r\"\\""#),
            (#""\u00e9\U0001F600""#, #"string "\u{00E9}\u{0001F600}""#), ("64", "integer 64"),
            ("-0x1", nil), ("0x7FFF_FFFF_FFFF_FFFF", "integer 9223372036854775807"),
            ("9223372036854775808", nil), ("0x8000000000000000", nil),
            ("[]", "[]"), ("['a', \"b\",]", #"[string "a", string "b"]"#),
            ("[ # none\n\n 1\n , # more\n[2]\n]", "[integer 1, [integer 2]]"),
            ("{ a = 1, b.c = [{}] }", #"{"a": integer 1, "b": {"c": [{}]}}"#),
            ("'''\r\na\r\nb''''", #"string "a\nb\'""#),
            ("\"\"\"a \\\r\n\n \t b\"\"\"", #"string "a b""#),
            ("1_0.5e+0_3", "float 10500.0"), ("-inf", "float -inf"),
            ("1979-05-27 07:32:00.10-00:00", "datetime 1979-05-27T07:32:00.1Z"),
            ("2000-02-29", "date-local 2000-02-29"), ("1900-02-29", nil),
            ("23:59:60", "time-local 23:59:60"),
        ] as [(String, String?)])
    func values(_ text: String, _ meaning: String?) {
        let table = try? parse("key = \(text) # comment\n")
        #expect(table.map { Tagged.text($0) } == meaning.map { #"{"key": \#($0)}"# })
    }

    @Test func tables() throws {
        let table = try parse(
            "\u{FEFF}\r\n# none\n'A é'.b='x'\r\n[ t . \"u\" ]\nB=1\n\n[[v]]\n[[ v ]]\n  C\t=\t'y'\n[t]"
        )
        #expect(
            Tagged.text(table)
                == #"{"A \u{00E9}": {"b": string "x"}, "t": {"u": {"B": integer 1}}, "#
                + #""v": [{}, {"C": string "y"}]}"#)
        #expect(table.entries.map { $0.line } == [3, 4, 7])
        #expect(try parse("").entries.isEmpty)
    }

    /// Swift takes both spellings of é for equal. TOML does not.
    @Test func keysAreBytes() throws {
        #expect(try parse("\"e\\u0301\" = 1\n\"\\u00e9\" = 2").entries.count == 2)
    }

    @Test(
        arguments: [
            ("key", 1, "expected '='"), ("key =", 1, "expected a value"),
            ("\nkey = +-1", 2, "'+-1' is not a value"), ("k = 1.5.6", 1, "'1.5.6' is not a value"),
            ("k = yes", 1, "'yes' is not a value: strings are in quotes"),
            ("k = {a = 1", 1, "expected ',' or '}'"), ("k = {a = 1,}", 1, "expected a key"),
            ("k = {a = 1\n}", 1, "expected ',' or '}'"), ("a.b = 1\na = 2", 2, "a is there twice"),
            ("k = 99999999999999999999", 1, "is not a value"), ("a. = 1", 1, "expected a key"),
            ("[[t]\n", 1, "expected ']'"), ("[t", 1, "expected ']'"),
            ("[t]]", 1, "end of the line"),
            ("[t]\n\n[t]", 3, "table [t] is there twice"),
            ("[[t]]\n[t]", 2, "table [t] is there twice"),
            ("t = []\n[[t]]", 2, "t is there already, and no array of tables"),
            ("t = {}\n[t.u]", 2, "t is there already, and can't be added to"),
            ("[t.u]\n[t]\nu.v = 1", 3, "u is there already, and can't be added to"),
            ("t = {u.v = 1}\nt.w = 1", 2, "can't be added to"),
            ("[t] k = 1", 1, "end of the line"), ("k = 1\nk = 2", 2, "k is there twice"),
            ("k = 'a", 1, "a string has no end"), ("k = 'a\nb'", 1, "no end in its line"),
            ("k = \"a\u{1}\"", 1, "control"), ("k = 'a\u{7F}'", 1, "control"),
            ("#\u{1}", 1, "control"),
            ("k = '''a\n\n''", 3, "a string has no end"), ("k = 1\rl = 2", 1, "end of the line"),
            (#"k = "\x""#, 1, "unknown escape"), (#"k = "\uD800""#, 1, "unknown escape"),
            (#"k = "\u+123""#, 1, "unknown escape"), (#"k = "\u12""#, 1, "unknown escape"),
            (#"k = "\"#, 1, "unknown escape"), ("k = ['a' 'b']", 1, "',' or ']'"),
            ("k = ['a',\n", 2, "expected a value"), ("k = 'a' x", 1, "end of the line"),
            ("=", 1, "expected a key"),
        ] as [(String, Int, String)])
    func refuses(_ text: String, _ line: Int, _ message: String) {
        let error = #expect(throws: TextError.self, "\(text)") { try parse(text) }
        #expect(error?.line == line, "\(text): \(error?.text ?? "")")
        #expect(error?.text.contains(message) == true, "\(text): \(error?.text ?? "")")
    }

    @Test func textOnly() {
        #expect(throws: TextError("not UTF-8", line: 1)) { try TOMLTable.parse([0x6B, 0xFF]) }
    }

    // MARK: Hostile ones

    @Test(
        arguments: [
            ("k = ", "[", "]"), ("k = ", "{a = ", "}"), ("", "[a.", "]"), ("", "a.", "a = 1"),
            ("", "[[a.", "a]]"),
        ])
    func depth(_ start: String, _ open: String, _ close: String) {
        func text(_ count: Int) -> String {
            // Those of keys are open once: their names come one after the other.
            let isKey = open.hasSuffix(".")
            let first = isKey ? open : String(repeating: open, count: count)
            let names = isKey ? String(repeating: "a.", count: count) : "1"
            let last = isKey ? "a" + close : String(repeating: close, count: count)
            return start + first + names + last
        }
        for count in [100, 1000, 10_000] {
            let error = #expect(throws: TextError.self) { try parse(text(count)) }
            #expect(
                error?.text == "more than 80 tables and arrays in one another"
                    || error?.text == "more than 4096 keys", "\(error?.text ?? "")")
        }
    }

    @Test func depthThatIsAllowed() throws {
        let text = String(repeating: "[", count: 80) + String(repeating: "]", count: 80)
        _ = try parse("k = \(text)")
        #expect(throws: TextError.self) { try parse("k = [\(text)]") }
    }

    @Test func tooManyKeys() throws {
        let keys = (0..<4096).map { "k\($0) = 1\n" }.joined()
        #expect(try parse(keys).entries.count == 4096)
        #expect(throws: TextError("more than 4096 keys", line: 4097)) { try parse(keys + "k = 1") }
        #expect(throws: TextError("more than 4096 keys", line: 4097)) {
            try parse(String(repeating: "[[t]]\n", count: 5000))
        }
    }

    /// Whatever is cut off, nothing breaks: it is read, or an error.
    @Test func everyPrefix() {
        let text = Array(
            """
            a.'b' = \"\"\"x\\\n  y\\u00e9\"\"\" # c
            [[t.u]]
            v = [1, 0x2, {w = 1979-05-27T07:32:00.5Z, "x" = '''z'''}, -1e5, true]
            """.utf8)
        for count in 0...text.count { _ = try? TOMLTable.parse(Array(text.prefix(count))) }
        for index in text.indices {
            for byte: UInt8 in [0, 0x0D, 0x22, 0x27, 0x5B, 0x5C, 0x7B, 0xFF] {
                var text = text
                text[index] = byte
                _ = try? TOMLTable.parse(text)
            }
        }
    }
}
