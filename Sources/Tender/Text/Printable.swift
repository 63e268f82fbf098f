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

/// `text` as a string of JSON's, which can be shown to a person, too.
public func jsonString(_ text: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for scalar in text.unicodeScalars {
        if scalar == "\"" || scalar == "\\" {
            bytes += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: scalar.value)]
        } else if scalar.isUnprintable {
            for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                bytes += "\\u".utf8
                bytes += hexadecimalDigits(UInt32(unit), count: 4)
            }
        } else {
            append(scalar, to: &bytes)
        }
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
}

extension Unicode.Scalar {
    /// Whether it is shown by what it stands for: controls (C0, DEL, C1), marks and isolates that
    /// turn text around, separators of lines, and what takes no room and is not seen.
    public var isUnprintable: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E,
            0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
            true
        default: false
        }
    }
}

private func escaping(_ text: String, _ isEscaped: (Unicode.Scalar) -> Bool) -> String {
    // Mostly there is nothing to do.
    guard text.unicodeScalars.contains(where: isEscaped) else { return text }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
        if !isEscaped(scalar) {
            append(scalar, to: &bytes)
        } else if scalar.value < 0x80 {
            bytes += "\\x".utf8
            bytes += hexadecimalDigits(scalar.value, count: 2)
        } else {
            bytes += "\\u{\(String(scalar.value, radix: 16))}".utf8
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
    bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
}

/// The last `count` hexadecimal digits of a number.
private func hexadecimalDigits(_ value: UInt32, count: UInt32) -> [UInt8] {
    (0..<count).reversed().map { index in
        let digit = UInt8(truncatingIfNeeded: value >> (index * 4) & 15)
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
