import CommandsSupport
import Programs
import Sandbox
import Tender
import Testing

@testable import Commands

/// Programs that this one stands in for are added to its list, and to nothing else.
@Suite struct PersonaTests {
    /// Stands in for a program that repeats what it is told.
    private final class EchoPersona: Persona {
        var names: [String] { ["echo", "echo-loud"] }
        var aliases: [String] { ["echo.1"] }
        var command: String? { "repeat" }

        func description(_ registry: Registry) -> CommandDescription {
            var description = CommandDescription(
                name: "echo", synopsis: ["[WORDS]", "--loud"], summary: "repeats what it is told",
                about: "Repeats.\n")
            description.options = [
                .init("Options", [DescribedOption(OptionSpecification(name: "loud", help: "more"))])
            ]
            return description
        }

        func run(
            _ arguments: ArraySlice<Argument>, as name: String, in context: ProgramContext
        ) -> Int32 {
            let words = arguments.map { $0.text }.joined(separator: " ")
            context.streams.print("\(name): \(words)\n")
            context.streams.complain("\(context.registry().modules.count) modules\n")
            return context.environment().isEmpty ? 3 : 4
        }
    }

    private func run(_ program: String, _ arguments: String..., environment: [String] = []) -> Reply
    {
        call(
            program, arguments.map { Argument($0) }, environment: environment,
            personas: [Solo5Persona(), EchoPersona()])
    }

    @Test(arguments: ["echo", "echo-loud", "echo.1"])
    func `called by a name of its own`(name: String) {
        let reply = Reply(status: 3, output: "\(name): --help x\n", error: "2 modules\n")
        #expect(run("/usr/bin/\(name)", "--help", "x") == reply)
        #expect(run("pinnace", "--as", name, "--help", "x") == reply)
        #expect(run("pinnace", "--as=\(name)", "--help", "x") == reply)
        #expect(run(name, environment: ["A=b"]).status == 4)
    }

    @Test func `others stay what they are`() {
        #expect(run("solo5-hvt", "--version") == solo5("--version"))
        #expect(run("pinnace", "--version") == pinnace("--version"))
        #expect(
            pinnace("--as", "echo")
                == Reply(
                    status: 1,
                    error:
                        "pinnace: option --as: echo is not a program that pinnace can stand in for, "
                        + "only solo5-hvt or solo5-hvt-debug\n"))
    }

    @Test func `a command can run one`() {
        #expect(
            run("pinnace", "repeat", "x")
                == Reply(status: 3, output: "pinnace repeat: x\n", error: "2 modules\n"))
        for help in [["repeat", "--help"], ["repeat", "-h"], ["help", "repeat"]] {
            #expect(
                call("pinnace", help.map { Argument($0) }, personas: [EchoPersona()]).output
                    == """
                    usage: pinnace repeat [WORDS]
                           pinnace repeat --loud

                    Repeats.

                    Options:
                      --loud  more

                    """)
        }
        #expect(run("pinnace", "repaet").error.contains("did you mean repeat?"))
        #expect(run("pinnace", "--help").output.contains("\n  repeat COMMAND ...  "))
    }

    @Test func `the help names them`() {
        let help = run("pinnace", "--help").output
        for line in [
            "       pinnace --as solo5-hvt ...\n       pinnace --as echo ...\n\n",
            "reads the rest as solo5-hvt, solo5-hvt-debug, echo or echo-loud would\n",
            "Called by the name\nof solo5-hvt or echo, it behaves as that.\n",
        ] {
            #expect(help.contains(line))
        }
    }
}
