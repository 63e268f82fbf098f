import Programs
import Tender

/// The manual: a page for `pinnace`, for each of its commands, and for each persona.
struct Manual {
    let pages: [CommandDescription]

    init(_ registry: Registry, _ personas: [any Persona]) {
        pages =
            [Help.program(registry, personas)]
            + Command.allCases.map { Help.command($0, registry) }
            + registry.modules.flatMap { $0.commands }.map { Help.command($0) }
            + personas.map { $0.description(registry) }
    }

    func page(named name: String) -> CommandDescription? {
        pages.first { $0.page.utf8.elementsEqual(name.utf8) }
    }

    /// A page in the man(7) format of troff.
    ///
    /// - Parameter build: the version of the program, for the foot of each page.
    func text(of page: CommandDescription, build: String) -> String {
        var roff = Roff()
        roff.title(page.page, build: build)
        roff.section("NAME")
        roff.line("\(Roff.escaped(page.page)) \\- \(Roff.escaped(page.summary))")
        roff.section("SYNOPSIS")
        for (index, form) in page.synopsis.enumerated() {
            if index > 0 { roff.macro("br") }
            roff.line("\(Roff.bold(page.name)) \(Roff.escaped(form))")
        }
        roff.section("DESCRIPTION")
        roff.paragraphs(page.about)
        if !page.commands.isEmpty {
            roff.section("COMMANDS")
            for command in page.commands { roff.item(command.form, command.summary + ".") }
        }
        if page.options.contains(where: { !$0.options.isEmpty }) { roff.section("OPTIONS") }
        for (index, group) in page.options.enumerated() where !group.options.isEmpty {
            if index > 0 { roff.subsection(group.title) }
            for option in group.options { roff.item(option.form, option.help + ".") }
        }
        for table in page.tables {
            roff.section(table.title)
            for row in table.rows { roff.item(row.name, row.meaning + ".") }
        }
        roff.section("SEE ALSO")
        let others = pages.filter { $0.page != page.page }.map { "\(Roff.bold($0.page))(1)" }
        roff.line(others.joined(separator: ",\n"))
        return roff.text
    }
}

/// Writes the macros of man(7).
private struct Roff {
    private(set) var text = ".\\\" Written by `pinnace manual`; it says what `--help` says.\n"

    mutating func line(_ line: String) { text += line + "\n" }
    mutating func macro(_ macro: String) { text += ".\(macro)\n" }

    mutating func title(_ name: String, build: String) {
        // Ragged right, without hyphens: most lines are short.
        line(".TH \"\(Self.escaped(uppercase(name)))\" 1 \"\" \"\(Self.escaped(build))\" \"\"")
        macro("nh")
        macro("ad l")
    }

    mutating func section(_ title: String) { line(".SH \"\(Self.escaped(uppercase(title)))\"") }
    mutating func subsection(_ title: String) { line(".SS \"\(Self.escaped(title))\"") }

    /// A term, and what is said of it.
    mutating func item(_ term: String, _ meaning: String) {
        macro("TP")
        line(Self.bold(term))
        line(Self.escaped(meaning))
    }

    /// Sentences, whose lines are filled; an empty line separates paragraphs.
    mutating func paragraphs(_ sentences: String) {
        var isFirst = true
        for line in sentences.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                isFirst = true
                continue
            }
            if isFirst, !text.hasSuffix("\"DESCRIPTION\"\n") { macro("PP") }
            isFirst = false
            self.line(Self.escaped(String(line)))
        }
    }

    static func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }

    /// Text in which troff finds no commands, and shows the characters of ASCII as they are.
    static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        // At the start of a line, these begin a macro.
        if let first = text.utf8.first, first == UInt8(ascii: ".") || first == UInt8(ascii: "'") {
            result += "\\&".utf8
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): result += "\\e".utf8
            case UInt8(ascii: "-"): result += "\\-".utf8
            case UInt8(ascii: "`"): result += "\\(ga".utf8
            case UInt8(ascii: "'"): result += "\\(aq".utf8
            case UInt8(ascii: "~"): result += "\\(ti".utf8
            case UInt8(ascii: "^"): result += "\\(ha".utf8
            case UInt8(ascii: "\""): result += "\\(dq".utf8
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func uppercase(_ text: String) -> String {
        String(
            decoding: text.utf8.map { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte - 32 : byte
            }, as: UTF8.self)
    }
}
