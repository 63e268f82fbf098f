/// A JSON value, to be written.
public enum JSON {
    case null
    case boolean(Bool)
    case number(UInt64)
    case string(String)
    case array([JSON])
    /// The members keep their order.
    case object([(key: String, value: JSON)])

    /// With an indentation of two spaces, and a line end.
    public var text: String {
        var bytes: [UInt8] = []
        write(to: &bytes, depth: 0)
        bytes.append(UInt8(ascii: "\n"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(to bytes: inout [UInt8], depth: Int) {
        switch self {
        case .null: bytes += "null".utf8
        case .boolean(let value): bytes += (value ? "true" : "false").utf8
        case .number(let value): bytes += String(value).utf8
        case .string(let value): bytes += jsonString(value).utf8
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                Self.startItem(index, depth + 1, &bytes)
                element.write(to: &bytes, depth: depth + 1)
            }
            if !elements.isEmpty { Self.startLine(depth, &bytes) }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                Self.startItem(index, depth + 1, &bytes)
                bytes += jsonString(member.key).utf8
                bytes += ": ".utf8
                member.value.write(to: &bytes, depth: depth + 1)
            }
            if !members.isEmpty { Self.startLine(depth, &bytes) }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func startItem(_ index: Int, _ depth: Int, _ bytes: inout [UInt8]) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        startLine(depth, &bytes)
    }

    private static func startLine(_ depth: Int, _ bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\n"))
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: depth * 2)
    }
}
