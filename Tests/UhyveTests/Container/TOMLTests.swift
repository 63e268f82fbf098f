#if Uhyve
    import Testing

    @testable import Uhyve

    /// The part of TOML that is read, and errors for the rest.
    @Suite struct TOMLTests {
        private func entries(_ text: String) throws -> [TOML.Entry] {
            try TOML(Array(text.utf8)).entries
        }

        @Test(
            arguments: [
                (#""""#, .string("")), (#""a # b""#, .string("a # b")),
                ("'a\\n\"'", .string("a\\n\"")),
                (#""\b\t\n\f\r\"\\""#, .string("\u{8}\t\n\u{C}\r\"\\")),
                (#""\u00e9\U0001F600""#, .string("é😀")), ("64", .number(64)),
                ("[]", .strings([])), ("['a', \"b\",]", .strings(["a", "b"])),
                ("[ # none\n\n 'a'\n , # more\n'b'\n]", .strings(["a", "b"])),
            ] as [(String, TOML.Value)])
        func values(_ text: String, _ value: TOML.Value) throws {
            #expect(
                try entries("key = \(text) # comment\n")
                    == [TOML.Entry(table: "", key: "key", value: value, line: 1)])
        }

        @Test func tables() throws {
            let found = try entries("\r\n# none\nA-_9='x'\r\n[ t ]\nB=1\n\n[u]\n  C\t=\t'y'")
            #expect(found.map { $0.table } == ["", "t", "u"])
            #expect(found.map { $0.key } == ["A-_9", "B", "C"])
            #expect(found.map { $0.line } == [3, 5, 8])
            #expect(try entries("").isEmpty)
        }

        @Test(
            arguments: [
                ("key", 1, "expected '='"), ("key =", 1, "expected a string, an array"),
                ("\nkey = -1", 2, "expected a string, an array"), ("k = 1.5", 1, "end of the line"),
                ("k = true", 1, "expected a string"), ("k = {a = 1}", 1, "expected a string"),
                ("k = 99999999999999999999", 1, "expected a string"),
                ("'k' = 1", 1, "a key without quotes"), ("a.b = 1", 1, "expected '='"),
                ("[[t]]", 1, "the name of a table without quotes"), ("[t", 1, "expected ']'"),
                ("[t.u]", 1, "expected ']'"), ("[t]\n[t]", 2, "table [t] is there twice"),
                ("[t] k = 1", 1, "end of the line"), ("k = 1\nk = 2", 2, "k is there twice"),
                ("k = 'a", 1, "no end"), ("k = 'a\nb'", 1, "no end"),
                ("k = \"a\u{1}\"", 1, "control"),
                ("k = '''a'''", 1, "several lines"), ("k = \"\"\"a\"\"\"", 1, "several lines"),
                (#"k = "\x""#, 1, "unknown escape"), (#"k = "\uD800""#, 1, "unknown escape"),
                (#"k = "\u+123""#, 1, "unknown escape"), (#"k = "\u12""#, 1, "unknown escape"),
                (#"k = "\"#, 1, "unknown escape"),
                ("k = [1]", 1, "expected a string or ']'"), ("k = ['a' 'b']", 1, "',' or ']'"),
                ("k = ['a',\n", 2, "expected a string or ']'"),
                ("k = [['a']]", 1, "expected a string"),
                ("k = 'a' x", 1, "end of the line"), ("=", 1, "expected a key"),
            ] as [(String, Int, String)])
        func refuses(_ text: String, _ line: Int, _ message: String) {
            let error = #expect(throws: TOMLError.self) { try entries(text) }
            #expect(error?.line == line)
            #expect(error?.text.contains(message) == true, "\(error?.text ?? "")")
        }

        @Test func textOnly() {
            #expect(throws: TOMLError("not UTF-8", line: 1)) { try TOML([0x6B, 0xFF]) }
        }
    }
#endif
