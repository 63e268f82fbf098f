import Programs
import Tender

/// What shells complete: the command lines of `pinnace` and of the programs that it stands in for.
///
/// What can be completed is a table, the same for all shells; each has a script that reads it.
struct Completion {
    /// A shell, where it looks for completions below a prefix such as /usr, and its script.
    struct Shell {
        let name: String
        let path: String
        /// With `§` for the table, and `¶` for the names of the programs.
        let script: String
    }

    static var shells: [Shell] {
        [
            Shell(
                name: "bash", path: "share/bash-completion/completions/pinnace",
                script: bashScript),
            Shell(name: "zsh", path: "share/zsh/site-functions/_pinnace", script: zshScript),
            Shell(
                name: "fish", path: "share/fish/vendor_completions.d/pinnace.fish",
                script: fishScript),
        ]
    }

    /// The names of the programs.
    private var programs = ""
    /// A line for each word that can be completed: the words that the command line begins with, the
    /// word, its values, its help; with `|` between them. A word that ends with `=` has a value; one
    /// that ends with `:` is followed by a device's name, and then perhaps a value. Values are words
    /// to choose from, or `*`.
    private var table = ""

    init(_ registry: Registry, _ personas: [any Persona]) {
        for page in Manual(registry, personas).pages { add(page) }
        programs = NativeProgram.name
        for persona in personas {
            var description = persona.description(registry)
            programs += " " + description.name
            guard let command = persona.command else { continue }
            description.name = "\(NativeProgram.name) \(command)"
            add(description)
        }
    }

    private mutating func add(_ description: CommandDescription) {
        for command in description.commands {
            addRow(description.name, command.name, values: "", command.summary)
        }
        for group in description.options {
            for option in group.options {
                let values =
                    option.valueName == nil || option.isValueOptional
                    ? "" : option.choices.isEmpty ? "*" : option.choices.joined(separator: " ")
                let end = option.takesDevice ? ":" : values.isEmpty ? "" : "="
                addRow(description.name, "--\(option.name)\(end)", values: values, option.help)
                if let short = option.shortForm {
                    addRow(description.name, short, values: "", option.help)
                }
            }
        }
    }

    private mutating func addRow(_ line: String, _ word: String, values: String, _ help: String) {
        for (index, cell) in [line, word, values, help].enumerated() {
            if index > 0 { table += "|" }
            for scalar in cell.unicodeScalars {
                // A quote in quotes, as all three shells understand it.
                if scalar == "'" { table += "'\\''" } else { table.unicodeScalars.append(scalar) }
            }
        }
        table += "\n"
    }

    func text(for shell: Shell) -> String {
        var text = ""
        for scalar in shell.script.unicodeScalars {
            switch scalar {
            case "§": text += table
            case "¶": text += programs
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
