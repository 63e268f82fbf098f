/// A JSON value to be written.
public enum JSON {
    case null
    case boolean(Bool)
    case number(UInt64)
    /// A number in JSON notation, for numbers other than unsigned integers.
    case decimal(String)
    case string(String)
    case array([JSON])
    /// The members keep their order.
    case object([(key: String, value: JSON)])

    /// The document on several lines, indented by two spaces, with a line feed at the end.
    public var text: String {
        var bytes: [UInt8] = []
        write(to: &bytes, depth: 0)
        bytes.append(UInt8(ascii: "\n"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value on one line, without a line feed.
    public var line: String {
        var bytes: [UInt8] = []
        write(to: &bytes, depth: nil)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Parameter depth: the depth of nesting; nil to write everything on one line.
    private func write(to bytes: inout [UInt8], depth: Int?) {
        switch self {
        case .null: bytes += "null".utf8
        case .boolean(let value): bytes += (value ? "true" : "false").utf8
        case .number(let value): bytes += String(value).utf8
        case .decimal(let digits): bytes += digits.utf8
        case .string(let value): Self.write(value, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                Self.startItem(index, depth, &bytes)
                element.write(to: &bytes, depth: depth.map { $0 + 1 })
            }
            if let depth, !elements.isEmpty { Self.startLine(depth, &bytes) }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                Self.startItem(index, depth, &bytes)
                Self.write(member.key, to: &bytes)
                bytes += ": ".utf8
                member.value.write(to: &bytes, depth: depth.map { $0 + 1 })
            }
            if let depth, !members.isEmpty { Self.startLine(depth, &bytes) }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func startItem(_ index: Int, _ depth: Int?, _ bytes: inout [UInt8]) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        if let depth {
            startLine(depth + 1, &bytes)
        } else if index > 0 {
            bytes.append(UInt8(ascii: " "))
        }
    }

    private static func startLine(_ depth: Int, _ bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\n"))
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: depth * 2)
    }

    /// Writes a string, with unprintable characters as escapes.
    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                bytes += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: scalar.value)]
            } else if scalar.isUnprintable {
                for unit in scalar.utf16 {
                    let digits = String(unit, radix: 16)
                    bytes += "\\u".utf8
                    bytes += repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count)
                    bytes += digits.utf8
                }
            } else {
                bytes += scalar.utf8
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
