import JSON

/// `text` as it can be shown to a person, wherever it comes from: an image, an archive or a guest can
/// say anything, and a terminal takes some of it for commands.
///
/// Control characters, ends of lines among them, are shown as `\x1b`, and what has no look of its own
/// or turns text around as `\u{202e}`.
public func printable(_ text: String) -> String {
    escaping(text) { $0.isUnprintable }
}

/// As `printable`, for text of ours whose lines remain lines.
public func printableLines(_ text: String) -> String {
    escaping(text) { $0.isUnprintable && $0 != "\n" }
}

/// `text` in quotes, as it can be shown to a person.
public func quoted(_ text: String) -> String { "'\(printable(text))'" }

private func escaping(_ text: String, _ isEscaped: (Unicode.Scalar) -> Bool) -> String {
    // Mostly there is nothing to do.
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
