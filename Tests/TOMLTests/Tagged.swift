import Foundation

@testable import TOML

/// A document in the notation of the public test suite: an object `{type, value}` for each value that
/// is neither array nor table.
enum Tagged {
    /// The same for equal values: floating-point numbers and times are compared by what they mean.
    static func text(_ value: TOMLValue) -> String {
        switch value {
        case .string(let text): "string \(quoted(text))"
        case .integer(let number): "integer \(number)"
        case .float(let text): "float \(float(text))"
        case .boolean(let isTrue): "bool \(isTrue)"
        case .dateTime(let text): "datetime \(time(text))"
        case .localDateTime(let text): "datetime-local \(time(text))"
        case .localDate(let text): "date-local \(text)"
        case .localTime(let text): "time-local \(time(text))"
        case .array(let elements): "[" + elements.map(Self.text).joined(separator: ", ") + "]"
        case .table(let table): Self.text(table)
        }
    }

    static func text(_ table: TOMLTable) -> String {
        members(table.entries.map { ($0.key, text($0.value)) })
    }

    /// - Parameter json: as JSONSerialization has it.
    static func text(json: Any) -> String {
        if let elements = json as? [Any] {
            return "[" + elements.map { text(json: $0) }.joined(separator: ", ") + "]"
        }
        guard let members = json as? [String: Any] else { return "no value: \(json)" }
        guard members.count == 2, let type = members["type"] as? String,
            let value = members["value"] as? String
        else { return Self.members(members.map { ($0.key, text(json: $0.value)) }) }
        switch type {
        case "string": return "string \(quoted(value))"
        case "float": return "float \(float(value))"
        case "datetime", "datetime-local", "time-local": return "\(type) \(time(value))"
        default: return "\(type) \(value)"
        }
    }

    /// Keys have no order.
    private static func members(_ members: [(String, String)]) -> String {
        let texts = members.map { "\(quoted($0.0)): \($0.1)" }
        return "{" + texts.sorted().joined(separator: ", ") + "}"
    }

    /// By its scalars: strings that Swift takes for equal can differ in them.
    private static func quoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.map { $0.escaped(asASCII: true) }.joined() + "\""
    }

    private static func float(_ text: String) -> String {
        let number = Double(text) ?? .signalingNaN
        return number.isNaN ? "nan" : "\(number == 0 ? 0 : number)"
    }

    /// With what can be written in several ways written in one.
    private static func time(_ text: String) -> String {
        var text = text.uppercased().replacingOccurrences(of: " ", with: "T")
        for zone in ["+00:00", "-00:00"] where text.hasSuffix(zone) {
            text = text.dropLast(6) + "Z"
        }
        guard let point = text.firstIndex(of: ".") else { return text }
        let end = text[point...].firstIndex { "Z+-".contains($0) } ?? text.endIndex
        var fraction = text[point..<end]
        while fraction.last == "0" || fraction.last == "." { fraction.removeLast() }
        return String(text[..<point] + fraction + text[end...])
    }
}
