import Foundation
import Testing

@testable import Tender

/// What is shown of texts that can be anything.
@Suite struct PrintableTests {
    @Test(arguments: [
        ("", ""), ("plain 'text' \\x1b", "plain 'text' \\x1b"), ("é 漢 😀", "é 漢 😀"),
        ("\u{1B}]0;x\u{7}", "\\x1b]0;x\\x07"), ("a\nb\r\t", "a\\x0ab\\x0d\\x09"), ("\0", "\\x00"),
        ("\u{7F}\u{80}\u{9B}2J\u{9F}", "\\x7f\\u{80}\\u{9b}2J\\u{9f}"),
        ("\u{202E}gpj.exe\u{2066}", "\\u{202e}gpj.exe\\u{2066}"), ("\u{2028}", "\\u{2028}"),
        ("\u{FEFF}a\u{200B}\u{E0041}", "\\u{feff}a\\u{200b}\\u{e0041}"),
        // Of one character of Swift's, only the mark.
        ("e\u{301}\u{200D}", "e\u{301}\\u{200d}"),
    ])
    func texts(_ text: String, _ shown: String) {
        #expect(printable(text).unicodeScalars.elementsEqual(shown.unicodeScalars))
        #expect(quoted(text) == "'\(shown)'")
        #expect(printable(printable(text)) == printable(text))
    }

    @Test func linesOfOurs() {
        #expect(printableLines("a\u{1B}\n\tb\n") == "a\\x1b\n\\x09b\n")
    }

    /// No control, and no format that could be anywhere in a text, is shown as it is.
    @Test func everyControl() {
        for value in 0...0x10FFFF as ClosedRange<UInt32> {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let properties = scalar.properties
            let isHarmful =
                switch properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator: true
                // Others belong to the letters of a script, or to music.
                case .format: properties.isDefaultIgnorableCodePoint && value < 0x10000
                default: false
                }
            if isHarmful { #expect(scalar.isUnprintable, "\(value)") }
        }
    }
}
