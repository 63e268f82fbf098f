import JSON

/// Escapes `text` for display. Images, archives and guests are not trusted: a terminal would
/// interpret control sequences.
///
/// Control characters, newlines included, become `\x1b`; invisible characters and those that change
/// the text direction become `\u{202e}`.
public func printable(_ text: String) -> String {
    escaping(text) { $0.isUnprintable }
}

/// As `printable`, but keeps newlines, for the tender's own text.
public func printableLines(_ text: String) -> String {
    escaping(text) { $0.isUnprintable && $0 != "\n" }
}

/// `text` in quotes, escaped for display.
public func quoted(_ text: String) -> String { "'\(printable(text))'" }

private func escaping(_ text: String, _ isEscaped: (Unicode.Scalar) -> Bool) -> String {
    // Usually there is nothing to escape.
    guard text.unicodeScalars.contains(where: isEscaped) else { return text }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
        if !isEscaped(scalar) {
            bytes += scalar.utf8
        } else if scalar.value < 0x80 {
            bytes += "\\x\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))".utf8
        } else {
            bytes += "\\u{\(String(scalar.value, radix: 16))}".utf8
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
