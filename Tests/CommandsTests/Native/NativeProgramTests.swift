import CommandsSupport
import Programs
import Sandbox
import Testing

@testable import Commands

@Suite struct NativeProgramTests {
    @Test func `help and version are results`() {
        for reply in [pinnace("--help"), pinnace("help"), pinnace("run", "--help")] {
            #expect(reply.status == 0)
            #expect(reply.error == "")
            #expect(reply.output.hasPrefix("usage: pinnace "))
            #expect(reply.output.hasSuffix("\n"))
        }
        for command in Command.allCases {
            let version = pinnace(command.name, "--version")
            #expect(version == Reply(status: 0, output: "pinnace 0.1.0\n"))
            let help = pinnace(command.name, "--help")
            #expect(help == pinnace("help", command.name))
            #expect(help == pinnace(command.name, "-h"))
            #expect(help.output.hasPrefix("usage: pinnace \(command.name) \(command.operands)\n"))
            for option in command.options(.over(FakeModule.all)) {
                #expect(help.output.contains(option.form))
            }
        }
        #expect(pinnace("--version") == pinnace("run", "--version"))
    }

    @Test func `the help for a run explains the modes of the sandbox`() {
        let help = pinnace("run", "--help").output
        for mode in SandboxMode.names { #expect(help.contains("\n  \(mode)  ")) }
        #expect(pinnace("-h") == pinnace("--help"))
    }

    @Test func `the help for a run has the modules' options`() {
        for command in ["run", "check"] {
            let help = pinnace(command, "--help").output
            #expect(help.contains("--block:NAME=PATH"))
            #expect(help.contains("--block-ro:NAME=PATH"))
            #expect(help.contains("--net:NAME=IFACE"))
        }
        #expect(!pinnace("run", "--help", modules: []).output.contains("--block"))
    }

    @Test func `no line of help is too wide`() {
        for command in Command.allCases {
            let text = pinnace(command.name, "--help").output
            #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
        }
    }

    @Test(arguments: [
        ([], "no command given: `pinnace --help` lists them"),
        (["rnu"], "unknown command rnu: did you mean run?"),
        (["inspct"], "unknown command inspct: did you mean inspect?"),
        (["./rnu"], "unknown command ./rnu: did you mean `pinnace run ./rnu`?"),
        (["hello.hvt", "a"], "unknown command hello.hvt: did you mean `pinnace run hello.hvt`?"),
        (["frobnicate"], "unknown command frobnicate: `pinnace --help` lists them"),
        ([""], "unknown command : `pinnace --help` lists them"),
        (["--versoin"], "unknown option --versoin: did you mean --version?"),
        (["--as"], "option --as needs a value: --as NAME"),
        (
            ["--as", "qemu"],
            "option --as: qemu is not a program that pinnace can stand in for, only solo5-hvt or "
                + "solo5-hvt-debug"
        ),
        (["help", "rum"], "unknown command rum: did you mean run?"),
        (["run"], "no GUEST given: pinnace run [OPTIONS] GUEST [ARGS]"),
        (
            ["run", "--block:a", "hello.hvt"],
            "no GUEST given: `--block:a` took 'hello.hvt' as its value"
        ),
        (
            ["manifest", "--sandbox", "--mem", "g"],
            "no GUEST given: `--mem` took 'g' as its value"
        ),
        (["manual", "pinnace-rnu"], "no manual page pinnace-rnu: did you mean pinnace-run?"),
        (["manual", "x"], "no manual page x: `pinnace manual` lists them"),
        (["completion"], "name one shell: pinnace completion bash, zsh or fish"),
        (["completion", "csh"], "no completion for csh, only for bash, zsh or fish"),
        (["run", "--blok:a=b"], "unknown option --blok:a=b: did you mean --block?"),
        (["inspect"], "no GUEST given: pinnace inspect [OPTIONS] GUEST"),
        (["inspect", "a", "b"], "more than one GUEST given"),
        (["inspect", "--abi", "--json", "a"], "options --abi and --json exclude each other"),
        (["manifest", "--jsn"], "unknown option --jsn: did you mean --json?"),
        (
            ["manifest", "g"],
            "pinnace manifest is about pinnace itself: did you mean `pinnace inspect g`?"
        ),
    ])
    func `every error is one line`(arguments: [String], line: String) {
        let reply = call("pinnace", arguments.map { Argument($0) })
        #expect(reply == Reply(status: 1, error: "pinnace: \(line)\n"))
    }

    @Test func `output that does not arrive is a failure`() {
        let streams = Streams { _, descriptor in descriptor != 1 }
        #expect(
            Program(registry: { .over([]) }, personas: [], streams: streams).run([
                Argument("x"), Argument("help"),
            ]) == 1)
    }

    @Test func `no modules are looked up for a version`() {
        var isLookedUp = false
        let program = Program(
            registry: {
                isLookedUp = true
                return .over([])
            }, personas: [Solo5Persona()], streams: Streams { _, _ in true })
        #expect(program.run([Argument("pinnace"), Argument("--version")]) == 0)
        #expect(program.run([Argument("solo5-hvt"), Argument("--version")]) == 0)
        #expect(!isLookedUp)
    }
}
