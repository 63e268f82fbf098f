import Testing

@testable import Programs
@testable import Tender

@Suite struct TextTests {
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
