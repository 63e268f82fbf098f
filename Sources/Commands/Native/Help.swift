import Programs
import Sandbox
import Tender

/// What help, the manual and completions say of `pinnace` and its commands.
enum Help {
    static func program(
        _ registry: Registry, _ personas: [any Persona]
    ) -> CommandDescription {
        let programs = personas.compactMap { $0.names.first }
        var description = CommandDescription(
            name: NativeProgram.name,
            synopsis: ["COMMAND ..."] + programs.map { "--as \($0) ..." },
            summary: "runs unikernels in virtual machines",
            about: """
                Runs unikernels of Solo5 (for hvt) and of Hermit in virtual machines. Called by the name
                of \(alternatives(programs)), it behaves as that.

                """)
        description.commands = commands(registry, personas)
        let names = personas.flatMap { $0.names }
        description.options = [
            .init(
                "Options",
                [
                    DescribedOption(
                        OptionSpecification(
                            name: "as", valueName: "NAME",
                            help: "reads the rest as \(alternatives(names)) would"),
                        choices: names),
                    help("shows this text; after a command, that command's"),
                    DescribedOption(OptionParser.version),
                ])
        ]
        return description
    }

    /// All commands: the core's, those of modules, and those that run personas.
    private static func commands(
        _ registry: Registry, _ personas: [any Persona]
    ) -> [CommandDescription.Subcommand] {
        var commands = Command.allCases.map {
            CommandDescription.Subcommand(
                name: $0.name, operands: $0.operands, summary: $0.summary)
        }
        for command in registry.modules.flatMap({ $0.commands }) {
            commands.append(
                .init(name: command.name, operands: command.operands, summary: command.summary))
        }
        for persona in personas {
            guard let name = persona.command else { continue }
            commands.append(
                .init(
                    name: name, operands: "COMMAND ...",
                    summary: persona.description(registry).summary))
        }
        return commands
    }

    /// "a, b or c".
    static func alternatives(_ names: [String]) -> String {
        let all = names.dropLast().joined(separator: ", ")
        return all + (all.isEmpty ? "" : " or ") + (names.last ?? "")
    }

    static func command(_ command: ModuleCommand) -> CommandDescription {
        var description = CommandDescription(
            name: "\(NativeProgram.name) \(command.name)", synopsis: [command.operands],
            summary: command.summary, about: command.about)
        description.options = [.init("Options", command.options.map(described) + common)]
        return description
    }

    static func command(_ command: Command, _ registry: Registry) -> CommandDescription {
        var description = CommandDescription(
            name: "\(NativeProgram.name) \(command.name)", synopsis: [command.operands],
            summary: command.summary, about: about(command))
        let options = command.options(registry).map { option in
            option.name == RunOption.hypervisor.name
                ? DescribedOption(option, choices: registry.choices) : described(option)
        }
        description.options = [.init("Options", options + common)]
        if command == .completion {
            description.commands = Completion.shells.map {
                .init(name: $0.name, operands: "", summary: "where it goes: \($0.path)")
            }
        }
        guard command.takesModuleOptions else { return description }
        description.runsGuest = true
        for kind in registry.kinds where !kind.options.isEmpty {
            description.options.append(
                .init("For \(kind.name) guests", kind.options.map(described)))
        }
        for module in registry.modules where !module.manifest.options.isEmpty {
            let manifest = module.manifest
            let guests = manifest.guests.map { "\($0) guests" } ?? "all guests"
            description.options.append(
                .init(
                    "For \(guests), module \(manifest.name): \(manifest.summary)",
                    manifest.options.map(described)))
        }
        // `manifest` has another option of this name.
        if command != .manifest {
            description.tables = [.init("Modes of --sandbox", SandboxMode.meanings)]
        }
        return description
    }

    private static func described(_ option: OptionSpecification) -> DescribedOption {
        let isSandbox = option.name == RunOption.sandbox.name && option.valueName != nil
        return DescribedOption(option, choices: isSandbox ? SandboxMode.names : [])
    }

    private static var common: [DescribedOption] {
        [help(OptionParser.help.help), DescribedOption(OptionParser.version)]
    }

    private static func help(_ text: String) -> DescribedOption {
        var option = DescribedOption(OptionParser.help)
        option.letter = OptionParser.helpLetter
        option.help = text
        return option
    }

    private static func about(_ command: Command) -> String {
        switch command {
        case .run:
            """
            Runs GUEST, of whatever kind it is. A Solo5 guest gets ARGS as its command line, with a
            space between each two; every device that it declares must be attached: NAME is the
            device's. Of a Hermit guest's ARGS those before -- are for its kernel, the others for
            its application. The value of an option may also be the next argument. Standard output
            is the guest's console. The exit status is the guest's, or 1 if the guest could not run
            to its end.

            """
        case .check:
            """
            Tells whether `pinnace run` with the same arguments would run GUEST, and if not all
            reasons why. Opens what would be attached, but starts no guest. The exit status is 0 if
            it would run, else 1.

            """
        case .inspect:
            """
            Tells what GUEST is: for Solo5 its ABI, devices and segments, for Hermit its versions,
            and the modules that it needs. Which hypercalls a Solo5 guest makes is read from its
            code; where that does not tell, all four basic ones are assumed.

            """
        case .manifest:
            """
            Tells which modules this pinnace was built with, what they serve, their options, and
            the system calls that are made while a guest runs. With --sandbox it tells what a launch
            of GUEST would be left with, and attaches its devices for that; the other options are
            those of `pinnace run`.

            """
        case .manual:
            """
            Writes the manual page of this name to standard output, in the format of man(1); without
            one, the names of all pages. `pinnace manual pinnace-run | man -l -` shows one.

            """
        case .completion:
            """
            Writes what makes a shell complete this program's command lines, and those of the
            programs that it stands in for. `. <(pinnace completion bash)` is enough to try it.

            """
        case .help:
            """
            Shows the help for COMMAND, or for the whole program.

            """
        }
    }
}
