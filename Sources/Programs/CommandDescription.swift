import Tender

/// What there is to say of a command line. Its help, its manual page and its completions are made
/// from this, so that they say the same.
package struct CommandDescription {
    /// As it is called: "pinnace run", "uhyve".
    package var name: String
    /// What can follow the name; a line for each form.
    package var synopsis: [String]
    /// What it does, on one line that could continue "uhyve - ".
    package var summary: String
    /// Sentences. An empty line separates paragraphs.
    package var about: String
    /// The words that can be its first operand, if it has commands of its own.
    package var commands: [Subcommand] = []
    package var options: [OptionGroup] = []
    /// More to look up: environment variables, the modes of an option.
    package var tables: [Table] = []
    /// Whether the arguments after the first operand are a guest's.
    package var runsGuest = false

    /// A word and its meaning.
    package typealias Entry = (name: String, meaning: String)

    package struct Subcommand {
        package var name: String
        package var operands: String
        package var summary: String

        package init(name: String, operands: String, summary: String) {
            self.name = name
            self.operands = operands
            self.summary = summary
        }

        package var form: String { operands.isEmpty ? name : "\(name) \(operands)" }
    }

    package struct OptionGroup {
        package var title: String
        package var options: [DescribedOption]

        package init(_ title: String, _ options: [DescribedOption]) {
            self.title = title
            self.options = options
        }
    }

    package struct Table {
        package var title: String
        package var rows: [Entry]

        package init(_ title: String, _ rows: [Entry]) {
            self.title = title
            self.rows = rows
        }
    }

    package init(name: String, synopsis: [String], summary: String, about: String) {
        self.name = name
        self.synopsis = synopsis
        self.summary = summary
        self.about = about
    }

    /// The name of its manual page: "pinnace-run".
    package var page: String {
        String(
            decoding: name.utf8.map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "-") : $0 },
            as: UTF8.self)
    }

    /// The text of its `--help`.
    package var help: String {
        var text = ""
        for (index, form) in synopsis.enumerated() {
            text += "\(index == 0 ? "usage: " : "       ")\(name) \(form)\n"
        }
        text += "\n\(about)"
        if !commands.isEmpty {
            text += "\nCommands:\n" + columns(commands.map { ($0.form, $0.summary) })
        }
        for group in options where !group.options.isEmpty {
            text +=
                "\n\(group.title)\(group.title.contains(":") ? "" : ":")\n"
                + columns(group.options.map { ($0.form, $0.help) })
        }
        for table in tables {
            text += "\n\(table.title):\n" + columns(table.rows.map { ($0.name, $0.meaning) })
        }
        return text
    }
}

/// An option, as help shows it.
package struct DescribedOption {
    /// Without the dashes.
    package var name: String
    /// The short form: the letter after one dash.
    package var letter: UInt8?
    /// Whether it is written `--name:DEVICE`.
    package var takesDevice = false
    /// The placeholder of its value; nil for a flag.
    package var valueName: String?
    package var isValueOptional = false
    /// One line.
    package var help: String
    /// The values that it can have, if they are words to choose from.
    package var choices: [String] = []
    /// Whether all forms are shown with room for a letter.
    private var hasColumnForLetters = false

    package init(_ option: OptionSpecification, choices: [String] = []) {
        name = option.name
        takesDevice = option.takesDevice
        valueName = option.valueName
        isValueOptional = option.isValueOptional
        help = option.help
        self.choices = choices
    }

    /// An option of a program that has letters, too.
    package init(name: String, letter: UInt8?, valueName: String?, help: String, choices: [String])
    {
        self.name = name
        self.letter = letter
        self.valueName = valueName
        self.help = help
        self.choices = choices
        hasColumnForLetters = true
    }

    /// The option as help shows it: `--name:NAME=VALUE`, or `-n, --name=VALUE`.
    package var form: String {
        let short = shortForm.map { "\($0), " } ?? (hasColumnForLetters ? "    " : "")
        return "\(short)--\(name)\(takesDevice ? ":NAME" : "")\(value)"
    }

    /// "-n".
    package var shortForm: String? { letter.map { "-\(String(decoding: [$0], as: UTF8.self))" } }

    private var value: String {
        guard let valueName else { return "" }
        return isValueOptional ? "[=\(valueName)]" : "=\(valueName)"
    }
}
