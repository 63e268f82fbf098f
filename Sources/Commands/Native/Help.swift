import Programs
import Tender

/// The help texts.
enum Help {
    static func program(
        _ modules: [RegisteredModule], _ personas: [any Persona]
    ) -> String {
        let programs = personas.compactMap { $0.names.first }
        let commands =
            Command.allCases.map { ("\($0.name) \($0.operands)", $0.summary) }
            + modules.flatMap { $0.commands }.map { ("\($0.name) \($0.operands)", $0.summary) }
        let options = [
            ("--as NAME", "reads the rest as \(alternatives(personas.flatMap { $0.names })) would"),
            (OptionParser.help.form, "shows this text; behind a command, that command's"),
            (OptionParser.version.form, OptionParser.version.help),
        ]
        return """
            usage: pinnace COMMAND ...
            \(programs.map { "       pinnace --as \($0) ..." }.joined(separator: "\n"))

            Runs unikernels of Solo5 (for hvt) and of Hermit in virtual machines.

            Commands:
            \(columns(commands))
            Options:
            \(columns(options))
            A pinnace that is called by the name of \(alternatives(programs)) behaves as that.

            """
    }

    /// "a, b or c".
    private static func alternatives(_ names: [String]) -> String {
        let all = names.dropLast().joined(separator: ", ")
        return all + (all.isEmpty ? "" : " or ") + (names.last ?? "")
    }

    static func command(_ command: ModuleCommand) -> String {
        "usage: pinnace \(command.name) \(command.operands)\n\n\(command.about)\nOptions:\n"
            + rows(command.options + [OptionParser.help, OptionParser.version])
    }

    static func command(_ command: Command, _ registry: Registry) -> String {
        var text =
            "usage: pinnace \(command.name) \(command.operands)\n\n\(about(command))\nOptions:\n"
        let common = [OptionParser.help, OptionParser.version]
        guard command.takesModuleOptions else {
            return text + rows(command.options + common)
        }
        text += rows(command.options + common)
        for kind in registry.kinds where !kind.options.isEmpty {
            text += "\nFor \(kind.name) guests:\n" + rows(kind.options)
        }
        for module in registry.modules where !module.manifest.options.isEmpty {
            let manifest = module.manifest
            let guests = manifest.guests.map { "\($0) guests" } ?? "all guests"
            text += "\nFor \(guests), module \(manifest.name): \(manifest.summary)\n"
            text += rows(manifest.options)
        }
        return text
    }

    private static func rows(_ options: [OptionSpecification]) -> String {
        columns(options.map { ($0.form, $0.help) })
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
        case .help:
            """
            Shows the help for COMMAND, or for the whole program.

            """
        }
    }
}
