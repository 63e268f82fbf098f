/// `text` in quotes, fit for a terminal: an image can name its devices as it likes.
public func quoted(_ text: String) -> String {
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
package func hexadecimalDigits(_ byte: UInt8) -> [UInt8] {
    [byte >> 4, byte & 15].map { $0 < 10 ? UInt8(ascii: "0") + $0 : UInt8(ascii: "a") + $0 - 10 }
}
