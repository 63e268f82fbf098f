extension Completion {
    /// What is completed is the text from the last blank on: bash takes `--sandbox=on` for three
    /// words, and replaces what follows the equals sign only.
    static let bashScript = #"""
        # Completes the command lines of pinnace; written by `pinnace completion bash`.

        _pinnace_table='§'

        _pinnace() {
            local line=${COMP_LINE:0:COMP_POINT} operand='' taker='' of name choices help word
            local current=${line##*[[:space:]]}
            local -a words names=()
            local -A values=()
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
            while IFS='|' read -r of name choices help; do
                [[ $of = "$program" ]] || continue
                names+=("$name")
                values[$name]=$choices
            done <<< "$_pinnace_table"
            # The first operand ends the options; what follows it is the guest's.
            for word in "${words[@]}"; do
                if [[ -n $taker ]]; then
                    taker=''
                elif [[ $word != -?* ]]; then
                    operand=$word
                elif [[ $word != *=* ]]; then
                    taker=${values[$word=]}${values[${word%%:*}:]}
                fi
            done
            local IFS=$'\n'
            COMPREPLY=()
            if [[ -z $operand && -z $taker && $current = --*=* ]]; then
                word=${current%%=*}
                taker=${values[$word=]}${values[${word%%:*}:]}
                current=${current#*=}
            elif [[ -z $operand && -z $taker && $current = -* ]]; then
                COMPREPLY=($(compgen -W "${names[*]}" -- "$current"))
                [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} = *[=:] ]] && compopt -o nospace
                return
            elif [[ -z $operand && -z $taker ]]; then
                COMPREPLY=($(printf '%s\n' "${names[@]}" | grep -v '^-' | while read -r name; do
                    [[ $name = "$current"* ]] && echo "$name"
                done))
                [[ $program = pinnace || ${#COMPREPLY[@]} -gt 0 ]] && return
            fi
            if [[ -n $taker && $taker != '*' ]]; then
                COMPREPLY=($(compgen -W "${taker// /$'\n'}" -- "$current"))
            else
                compopt -o filenames
                COMPREPLY=($(compgen -f -- "$current"))
            fi
        }

        complete -F _pinnace ¶

        """#

    static let zshScript = #"""
        #compdef ¶
        # Completes the command lines of pinnace; written by `pinnace completion zsh`.

        typeset -g _pinnace_table='§'

        _pinnace() {
            local current=$words[CURRENT] program=${words[1]:t} operand='' taker='' of name choices help word
            local -a before names shown
            local -A values
            before=("${(@)words[2,CURRENT-1]}")
            if [[ $program = pinnace && $#before -gt 0 ]]; then
                case $before[1] in
                    --as=*) program=${before[1]#--as=}; shift before ;;
                    --as) (( $#before > 1 )) && { program=$before[2]; shift 2 before } ;;
                    [^-]*) program="pinnace $before[1]"; shift before ;;
                esac
            fi
            while IFS='|' read -r of name choices help; do
                [[ $of = $program ]] || continue
                [[ $name = -* && $current != -* || $name != -* && $current = -* ]] ||
                    { names+=("$name"); shown+=("$name  $help") }
                values[$name]=$choices
            done <<< $_pinnace_table
            # The first operand ends the options; what follows it is the guest's.
            for word in $before; do
                if [[ -n $taker ]]; then
                    taker=''
                elif [[ $word != -?* ]]; then
                    operand=$word
                elif [[ $word != *=* ]]; then
                    taker=${values[$word=]}${values[${word%%:*}:]}
                fi
            done
            if [[ -z $operand && -z $taker ]]; then
                if [[ $current = --*=* ]]; then
                    word=${current%%=*}
                    taker=${values[$word=]}${values[${word%%:*}:]}
                    compset -P '*='
                elif (( $#names > 0 )); then
                    compadd -l -S '' -d shown -a names && return
                    [[ $current = -* || $program = pinnace ]] && return 1
                fi
            fi
            if [[ -n $taker && $taker != '*' ]]; then
                compadd -- ${=taker}
            else
                _files
            fi
        }

        _pinnace "$@"

        """#

    static let fishScript = #"""
        # Completes the command lines of pinnace; written by `pinnace completion fish`.

        set -g __pinnace_table '§'

        function __pinnace_words
            set -l words (commandline -opc)
            set -l program (string replace -r '.*/' '' -- $words[1])
            set -l current (commandline -ct)
            set -e words[1]
            if test "$program" = pinnace; and set -q words[1]
                switch $words[1]
                    case '--as=*'
                        set program (string replace -- --as= '' $words[1])
                        set -e words[1]
                    case --as
                        if set -q words[2]
                            set program $words[2]
                            set -e words[1..2]
                        end
                    case '-*'
                    case '*'
                        set program "pinnace $words[1]"
                        set -e words[1]
                end
            end
            set -l names
            set -l choices
            set -l helps
            for row in (string split \n -- $__pinnace_table)
                set -l fields (string split -m 3 '|' -- $row)
                test "$fields[1]" = "$program"; or continue
                set -a names $fields[2]
                set -a choices "$fields[3]"
                set -a helps $fields[4]
            end
            set -l taker ''
            for word in $words
                if test -n "$taker"
                    set taker ''
                else if not string match -q -- '-*' $word
                    # The first operand ends the options; what follows it is the guest's.
                    __fish_complete_path $current
                    return
                else if not string match -q -- '*=*' $word
                    for name in "$word=" (string replace -r -- ':.*' ':' $word)
                        set -l at (contains -i -- $name $names)
                        and set taker $choices[$at]
                    end
                end
            end
            if test -n "$taker"
                if test "$taker" = '*'
                    __fish_complete_path $current
                else
                    string split ' ' -- $taker
                end
                return
            end
            for at in (seq (count $names))
                printf '%s\t%s\n' $names[$at] $helps[$at]
                test -n "$choices[$at]"; and test "$choices[$at]" != '*'; or continue
                for choice in (string split ' ' -- $choices[$at])
                    printf '%s%s\n' $names[$at] $choice
                end
            end
            if string match -q -- '--*=*' $current
                set -l parts (string split -m 1 = -- $current)
                set -l at (contains -i -- "$parts[1]=" $names)
                and test "$choices[$at]" != '*'; and return
                for path in (__fish_complete_path $parts[2])
                    echo "$parts[1]=$path"
                end
            else if test "$program" != pinnace
                __fish_complete_path $current
            end
        end

        for program in ¶
            complete -c $program -f -a '(__pinnace_words)'
        end

        """#
}
