/// Rows of two columns, the second one aligned.
func columns(_ rows: [(String, String)], indentation: Int = 2) -> String {
    let width = rows.reduce(0) { max($0, $1.0.utf8.count) }
    var text = ""
    for (left, right) in rows {
        let padding = width - left.utf8.count + 2
        text += spaces(indentation) + left + spaces(right.isEmpty ? 0 : padding) + right + "\n"
    }
    return text
}

func spaces(_ count: Int) -> String {
    String(repeating: " ", count: max(0, count))
}

/// `text` in quotes, fit for a terminal: an image can name its devices as it likes.
func quoted(_ text: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "'")]
    for byte in text.utf8 {
        if byte < 0x20 || byte == 0x7F {
            bytes += "\\x".utf8
            bytes += hexadecimalDigits(byte)
        } else {
            bytes.append(byte)
        }
    }
    bytes.append(UInt8(ascii: "'"))
    return String(decoding: bytes, as: UTF8.self)
}

/// The two digits of a byte.
func hexadecimalDigits(_ byte: UInt8) -> [UInt8] {
    [byte >> 4, byte & 15].map { $0 < 10 ? UInt8(ascii: "0") + $0 : UInt8(ascii: "a") + $0 - 10 }
}
