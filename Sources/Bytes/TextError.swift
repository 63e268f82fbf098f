/// Why a text is not what its reader expects: JSON, TOML, or certain contents of them. The sentence
/// may quote the text, and with it control characters: escape it before printing.
public struct TextError: Error, Equatable, Sendable {
    public let text: String
    /// Counted from 1.
    public let line: Int

    public init(_ text: String, line: Int) {
        self.text = text
        self.line = line
    }
}
