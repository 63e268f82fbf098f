import Programs
import Tender

/// What shells complete: the command lines of `pinnace` and of the programs that it stands in for.
struct Completion {
    /// A shell, where it looks for completions below a prefix such as /usr, and what they are.
    struct Shell {
        let name: String
        let place: String
        let write: (_ completion: Completion) -> String
    }

    static var shells: [Shell] {
        [
            Shell(name: "bash", place: "share/bash-completion/completions/pinnace") { $0.bash },
            Shell(name: "zsh", place: "share/zsh/site-functions/_pinnace") { $0.zsh },
            Shell(name: "fish", place: "share/fish/vendor_completions.d/pinnace.fish") { $0.fish },
        ]
    }

    /// The first is `pinnace` itself.
    let programs: [CommandDescription]
    /// The commands of `pinnace`, by their names.
    let commands: [(name: String, description: CommandDescription)]

    init(_ registry: Registry, _ personas: [any Persona]) {
        programs =
            [Help.program(registry, personas)] + personas.map { $0.description(registry) }
        commands =
            Command.allCases.map { ($0.name, Help.command($0, registry)) }
            + registry.modules.flatMap { $0.commands }.map { ($0.name, Help.command($0)) }
            + personas.compactMap { persona in
                persona.command.map { ($0, persona.description(registry)) }
            }
    }

    /// The command lines, by the words that they begin with: "uhyve", "pinnace run".
    var lines: [(words: String, description: CommandDescription)] {
        programs.map { ($0.name, $0) }
            + commands.map { ("\(NativeProgram.name) \($0.name)", $0.description) }
    }
}

extension CommandDescription {
    var allOptions: [DescribedOption] { options.flatMap { $0.options } }
}

extension DescribedOption {
    /// What to type: `--mem=`, `--help`, `--block:`.
    var typed: String {
        "--\(name)" + (takesDevice ? ":" : valueName != nil && !isValueOptional ? "=" : "")
    }
}
