import Tender

/// The help texts.
enum Help {
    static let program = """
        usage: pinnace COMMAND ...
               pinnace --as solo5-hvt ...

        Runs Solo5 unikernels for hvt in virtual machines.

        Commands:
        \(columns(Command.allCases.map { ("\($0.name) \($0.operands)", $0.summary) }))
        Options:
        \(columns([
            ("--as NAME", "reads the rest as that program would: NAME is solo5-hvt"),
            (OptionParser.help.form, "shows this text; behind a command, that command's"),
            (OptionParser.version.form, OptionParser.version.help),
        ]))
        A pinnace that is called by the name of solo5-hvt behaves as that.

        """

    static func command(_ command: Command, _ modules: [RegisteredModule]) -> String {
        var text =
            "usage: pinnace \(command.name) \(command.operands)\n\n\(about(command))\nOptions:\n"
        let common = [OptionParser.help, OptionParser.version]
        text += columns((command.options + common).map { ($0.form, $0.help) })
        guard command.takesModuleOptions else { return text }
        for module in modules where !module.manifest.options.isEmpty {
            text += "\nModule \(module.manifest.name): \(module.manifest.summary)\n"
            text += columns(module.manifest.options.map { ($0.form, $0.help) })
        }
        return text
    }

    private static func about(_ command: Command) -> String {
        switch command {
        case .run:
            """
            Runs GUEST. It gets ARGS as its command line, with a space between each two. Every
            device that it declares must be attached: NAME is the device's. The value of an option
            may also be the next argument. Standard output is the guest's console. The exit status
            is the guest's, or 1 if the guest could not run to its end.

            """
        case .check:
            """
            Tells whether `pinnace run` with the same arguments would run GUEST, and if not all
            reasons why. Opens what would be attached, but starts no guest. The exit status is 0 if
            it would run, else 1.

            """
        case .inspect:
            """
            Tells what GUEST is: its ABI, devices and segments, and the modules that it needs.
            Which hypercalls it makes is read from its code; where that does not tell, all four
            basic ones are assumed.

            """
        case .manifest:
            """
            Tells which modules this pinnace was built with, what they serve, their options, and
            the system calls that are made while a guest runs.

            """
        case .help:
            """
            Shows the help for COMMAND, or for the whole program.

            """
        }
    }
}
