import Programs

extension Completion {
    /// For bash. What is completed is the text from the last blank on, since bash itself takes
    /// `--sandbox=on` for three words.
    var bash: String {
        let names = programs.map { $0.name }.joined(separator: " ")
        return """
            # Completes the command lines of pinnace; written by `pinnace completion bash`.

            # The options, a line each, of the command line that begins with these words.
            _pinnace_options() {
                case $1 in
            \(cases { $0.allOptions.map { $0.typed } + $0.allOptions.compactMap { $0.shortForm } })
                esac
            }

            # Those of them whose value may be the next word.
            _pinnace_takers() {
                case $1 in
            \(cases { $0.allOptions.filter { $0.valueName != nil && !$0.isValueOptional }.map { "--\($0.name)" } })
                esac
            }

            # The words that can be its first operand.
            _pinnace_commands() {
                case $1 in
            \(cases { $0.commands.map { $0.name } })
                esac
            }

            # The values of an option.
            _pinnace_values() {
                case "$1 $2" in
            \(choices)
                esac
            }

            _pinnace() {
                local line=${COMP_LINE:0:COMP_POINT}
                local current=${line##*[[:space:]]}
                local -a words
                read -ra words <<< "${line%"$current"}"
                local program=${words[0]##*/}
                words=("${words[@]:1}")
                if [[ $program = pinnace && ${#words[@]} -gt 0 ]]; then
                    case ${words[0]} in
                        --as=*) program=${words[0]#--as=}; words=("${words[@]:1}") ;;
                        --as) [[ ${#words[@]} -gt 1 ]] && { program=${words[1]}; words=("${words[@]:2}"); } ;;
                        [!-]*) program="pinnace ${words[0]}"; words=("${words[@]:1}") ;;
                    esac
                fi
                # The first operand ends the options; what follows it is the guest's.
                local takers operand='' taker='' word
                takers=$(_pinnace_takers "$program")
                for word in "${words[@]}"; do
                    if [[ -n $taker ]]; then
                        taker=''
                    elif [[ $word = -?* ]]; then
                        [[ $word != *=* && $'\\n'$takers$'\\n' = *$'\\n'${word%%:*}$'\\n'* ]] && taker=$word
                    else
                        operand=$word
                    fi
                done
                local IFS=$'\\n'
                COMPREPLY=()
                if [[ -n $taker ]]; then
                    COMPREPLY=($(compgen -W "$(_pinnace_values "$program" "$taker")" -- "$current"))
                elif [[ -z $operand && $current = --*=* ]]; then
                    # bash replaces what follows the equals sign only.
                    COMPREPLY=($(compgen -W "$(_pinnace_values "$program" "${current%%=*}")" -- "${current#*=}"))
                    current=${current#*=}
                elif [[ -z $operand && $current = -* ]]; then
                    COMPREPLY=($(compgen -W "$(_pinnace_options "$program")" -- "$current"))
                    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} = *[=:] ]] && compopt -o nospace
                    return
                elif [[ -z $operand ]]; then
                    COMPREPLY=($(compgen -W "$(_pinnace_commands "$program")" -- "$current"))
                    [[ ${#COMPREPLY[@]} -gt 0 || $program = pinnace ]] && return
                fi
                if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
                    compopt -o filenames
                    COMPREPLY=($(compgen -f -- "$current"))
                fi
            }

            complete -F _pinnace \(names)

            """
    }

    /// A branch for each command line that has any such words: it prints them, a line each.
    private func cases(_ words: (CommandDescription) -> [String]) -> String {
        lines.compactMap { line in
            let words = words(line.description)
            return words.isEmpty
                ? nil : "        '\(line.words)') printf '%s\\n' \(words.joined(separator: " ")) ;;"
        }.joined(separator: "\n")
    }

    private var choices: String {
        lines.flatMap { line in
            line.description.allOptions.filter { !$0.choices.isEmpty }.map {
                "        '\(line.words) --\($0.name)') printf '%s\\n' "
                    + "\($0.choices.joined(separator: " ")) ;;"
            }
        }.joined(separator: "\n")
    }
}
