import Programs

extension Completion {
    /// For zsh, by its `_arguments`.
    var zsh: String {
        let commands = commands.map { name, description in
            """
                    \(name))
                        _arguments -S \\
            \(arguments(description, indentation: 16))
                        ;;
            """
        }
        let others = programs.dropFirst().map {
            """
                \($0.name))
                    _arguments -S \\
            \(arguments($0, indentation: 12))
                    ;;
            """
        }
        let summaries = programs[0].commands.map {
            "        \(Self.quoted("\($0.name):\($0.summary)"))"
        }
        return """
            #compdef \(programs.map { $0.name }.joined(separator: " "))
            # Completes the command lines of pinnace; written by `pinnace completion zsh`.

            local -a commands
            case $service in
            \(others.joined(separator: "\n"))
            *)
                if (( CURRENT == 2 )); then
                    commands=(
            \(summaries.joined(separator: "\n"))
                    )
                    _describe -t commands command commands
                    _arguments -S \\
            \(arguments(programs[0], indentation: 12, hasOperands: false))
                    return
                fi
                local command=$words[2]
                shift words
                (( CURRENT-- ))
                case $command in
            \(commands.joined(separator: "\n"))
                esac
                ;;
            esac

            """
    }

    /// The specifications for `_arguments`: those of the options, and of the operands.
    private func arguments(
        _ description: CommandDescription, indentation: Int, hasOperands: Bool = true
    ) -> String {
        var specifications = description.allOptions.flatMap(Self.specifications)
        if hasOperands {
            let names = description.commands.map { $0.name }
            if !names.isEmpty {
                specifications.append("1:command:(\(names.joined(separator: " ")))")
            }
            specifications.append("*:file:_files")
        }
        return specifications.map { String(repeating: " ", count: indentation) + Self.quoted($0) }
            .joined(separator: " \\\n")
    }

    private static func specifications(_ option: DescribedOption) -> [String] {
        let help = "[\(escaped(option.help))]"
        var value = ""
        if let name = option.valueName {
            let action =
                option.choices.isEmpty ? "_files" : "(\(option.choices.joined(separator: " ")))"
            value = ":\(escaped(name)):\(action)"
        }
        if option.takesDevice {
            // The device's name, and with it the value, follows in the same word.
            return [
                "*--\(option.name)\\:-\(help):NAME\(option.valueName.map { "=\(escaped($0))" } ?? ""):"
            ]
        }
        let sign = value.isEmpty ? "" : option.isValueOptional ? "=-" : "="
        let long = "--\(option.name)\(sign)\(help)\(option.isValueOptional ? ":" + value : value)"
        guard let short = option.shortForm else { return [long] }
        return ["\(short)\(sign.isEmpty ? "" : "+")\(help)\(value)", long]
    }

    private static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: ":")
                || byte == UInt8(ascii: "\\")
            {
                result.append(UInt8(ascii: "\\"))
            }
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// A word of the shell.
    static func quoted(_ word: String) -> String {
        "'"
            + word.split(separator: "'", omittingEmptySubsequences: false).joined(
                separator: "'\\''") + "'"
    }
}
