import Programs

extension Completion {
    /// For fish.
    var fish: String {
        var text = """
            # Completes the command lines of pinnace; written by `pinnace completion fish`.

            complete -c pinnace -n __fish_use_subcommand -f

            """
        for command in programs[0].commands {
            text +=
                "complete -c pinnace -n __fish_use_subcommand -a \(command.name) "
                + "-d \(Self.quotedForFish(command.summary))\n"
        }
        text += options(of: programs[0], "pinnace", when: "__fish_use_subcommand")
        for program in programs.dropFirst() {
            text += options(of: program, program.name, when: nil)
        }
        for (name, description) in commands {
            text += options(
                of: description, "pinnace", when: "__fish_seen_subcommand_from \(name)")
        }
        return text
    }

    /// - Parameter condition: when they can be used, as a command of fish's; nil for always.
    private func options(
        of description: CommandDescription, _ program: String, when condition: String?
    ) -> String {
        let start =
            "complete -c \(program)" + (condition.map { " -n \(Self.quotedForFish($0))" } ?? "")
        var text = ""
        // Those of `pinnace` itself have been listed with what they do.
        if description.name != NativeProgram.name {
            for command in description.commands {
                text += "\(start) -f -a \(command.name) -d \(Self.quotedForFish(command.summary))\n"
            }
        }
        for option in description.allOptions {
            let meaning = "-d \(Self.quotedForFish(option.help))"
            if option.takesDevice {
                // The device's name, and with it the value, follows in the same word.
                text += "\(start) -f -a --\(option.name): \(meaning)\n"
                continue
            }
            var line = "\(start) -l \(option.name)"
            if let letter = option.letter {
                line += " -s \(String(decoding: [letter], as: UTF8.self))"
            }
            if !option.choices.isEmpty {
                line += " -x -a \(Self.quotedForFish(option.choices.joined(separator: " ")))"
            } else if option.valueName != nil, !option.isValueOptional {
                line += " -r"
            }
            text += "\(line) \(meaning)\n"
        }
        return text
    }

    /// A word of fish's: within single quotes, a backslash can stand before a quote or a backslash.
    private static func quotedForFish(_ word: String) -> String {
        var result = [UInt8(ascii: "'")]
        for byte in word.utf8 {
            if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\\") {
                result.append(UInt8(ascii: "\\"))
            }
            result.append(byte)
        }
        return String(decoding: result + [UInt8(ascii: "'")], as: UTF8.self)
    }
}
