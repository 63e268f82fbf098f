import Programs

/// What help, the manual and completions say of `uhyve`.
enum UhyveUsage {
    static var description: CommandDescription {
        var description = CommandDescription(
            name: UhyveProgram.name, synopsis: ["[OPTIONS] KERNEL [ARGS]"],
            summary: "runs a Hermit unikernel in a virtual machine",
            about: """
                Runs KERNEL, a Hermit unikernel. Options can be anywhere before the first --, which is then
                dropped. Of ARGS, those before another -- are for the kernel, the others for the application:
                `uhyve KERNEL -- KERNEL-ARGS -- APPLICATION-ARGS`. Without options that version 0.2.1 lacks,
                kernels before 0.10.0 get all of our environment, as they did with it; otherwise -e says what
                is passed.

                The exit status is the guest's, 1 if it could not run to its end, or 2 if the command line
                is wrong.

                """)
        description.options = [
            group("Options") {
                if case .idle = $0 { false } else if case .refused = $0 { false } else { true }
            },
            group("Accepted, but of no effect") { if case .idle = $0 { true } else { false } },
            group("Not supported") { if case .refused = $0 { true } else { false } },
            .init("Other options", [UhyveOption.help, UhyveOption.version].map(described)),
        ]
        description.tables = [
            .init(
                "Environment variables",
                UhyveOption.all.compactMap { option in
                    option.variable.map {
                        ($0, "the value of --\(option.name), if that is not given")
                    }
                } + [("RUST_LOG", "off or error: warnings are not shown")])
        ]
        description.runsGuest = true
        return description
    }

    private static func group(
        _ title: String, _ isMember: (UhyveOption.Meaning) -> Bool
    ) -> CommandDescription.OptionGroup {
        .init(title, UhyveOption.all.filter { isMember($0.meaning) }.map(described))
    }

    private static func described(_ option: UhyveOption) -> DescribedOption {
        let choices: [String] =
            switch option.meaning {
            case .choice(_, let values), .idle(let values): values
            default: []
            }
        return DescribedOption(
            name: option.name, letter: option.letter, valueName: option.valueName,
            help: option.help, choices: choices)
    }
}
