import JSON

/// A report in two forms: text for people, and a JSON object for programs. What both show is stated
/// once, in order.
public struct Report {
    /// A table with a line above it.
    private struct Paragraph {
        var heading: String?
        var rows: [[String]] = []
    }

    private var paragraphs: [Paragraph] = []
    private var members: [(key: String, value: JSON)] = []

    public init() {}

    /// - Parameters:
    ///   - type: the type of the JSON document.
    ///   - heading: the first line of the text.
    public init(_ type: String, heading: String) {
        add("type", .string(type))
        add("version", .number(1))
        begin(heading)
    }

    /// Begins a paragraph of the text: a line above the rows that follow. Not in JSON.
    public mutating func begin(_ heading: String) {
        paragraphs.append(Paragraph(heading: heading))
    }

    /// Adds a member to the JSON object. The text shows it as `lines`, if any, with a title in front
    /// of the first.
    public mutating func add(
        _ key: String, _ value: JSON, as title: String = "", _ lines: [String] = []
    ) {
        members.append((key, value))
        show(title, lines)
    }

    /// Adds rows to the text alone, with a title in front of the first.
    public mutating func show(_ title: String, _ lines: [String]) {
        guard !lines.isEmpty else { return }
        if paragraphs.isEmpty { paragraphs.append(Paragraph()) }
        for (index, line) in lines.enumerated() {
            paragraphs[paragraphs.endIndex - 1].rows.append(
                [index == 0 ? printable(title) : "", printable(line)])
        }
    }

    /// Adds all of `other`: its rows after those that are here, its paragraphs and its members.
    public mutating func add(_ other: Report) {
        members += other.members
        var rest = other.paragraphs[...]
        if let first = rest.first, first.heading == nil, !paragraphs.isEmpty {
            paragraphs[paragraphs.endIndex - 1].rows += first.rows
            rest = rest.dropFirst()
        }
        paragraphs += rest
    }

    /// Adds the paragraphs of `part`, and its JSON object as one member.
    public mutating func add(_ key: String, _ part: Report) {
        paragraphs += part.paragraphs
        add(key, part.json)
    }

    /// Adds the paragraphs of all `parts`, and an array of their JSON objects as one member.
    public mutating func add(_ key: String, _ parts: [Report]) {
        for part in parts { paragraphs += part.paragraphs }
        add(key, .array(parts.map { $0.json }))
    }

    /// The paragraphs, with an empty line between each two.
    public var text: String {
        paragraphs.map { paragraph in
            (paragraph.heading.map { "\(printable($0))\n" } ?? "")
                + textTable(paragraph.rows, indentation: 2, alignsRight: false)
        }.joined(separator: "\n")
    }

    /// An object with all members.
    public var json: JSON { .object(members) }
}
