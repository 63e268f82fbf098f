import CommandsSupport
import Programs
import Tender
import Testing

@testable import Commands

@Suite struct OptionParserTests {
    private func parse(_ arguments: [String], by command: Command = .run) -> ParsedArguments {
        command.parser(.over(FakeModule.all)).parse(arguments.map { Argument($0) }[...])
    }

    @Test(arguments: [
        ["--mem=64", "--block:disk=a b", "--block-quick", "GUEST"],
        ["--mem", "64", "--block:disk", "a b", "--block-quick", "GUEST"],
        ["--mem", "64", "--block:disk", "a b", "--block-quick", "--", "GUEST"],
    ])
    func `values stand behind an equals sign or a space`(arguments: [String]) {
        let parsed = parse(arguments)
        #expect(parsed.objections == [])
        #expect(
            parsed.options == [
                OptionValue(name: "mem", value: "64"),
                OptionValue(name: "block", device: "disk", value: "a b"),
                OptionValue(name: "block-quick"),
            ])
        #expect(parsed.operands == [Argument("GUEST")])
    }

    @Test(arguments: [
        (["g", "--mem=1", "--", "--help"], ["g", "--mem=1", "--", "--help"]),
        (["--", "--mem=1", "--help"], ["--mem=1", "--help"]),
        (["--x-exec-heap", "g", ""], ["g", ""]),
        (["--"], []),
    ])
    func `what follows the guest is the guest's`(arguments: [String], operands: [String]) {
        let parsed = parse(arguments)
        #expect(parsed.objections == [])
        #expect(parsed.wish == nil)
        #expect(parsed.operands == operands.map { Argument($0) })
    }

    @Test func `elsewhere options and operands mix`() {
        let parsed = parse(["g", "--json", "--", "--abi"], by: .inspect)
        #expect(parsed.operands == [Argument("g"), Argument("--abi")])
        #expect(parsed.options == [OptionValue(name: "json")])
    }

    @Test(arguments: [
        (["--help"], ParsedArguments.Wish.help), (["--version", "--help"], .version),
        (["--mem=1", "--help", "g"], .help), (["--bogus=1", "--help"], .help),
    ])
    func `texts that can be asked for`(arguments: [String], wish: ParsedArguments.Wish) {
        #expect(parse(arguments).wish == wish)
    }

    struct Objection {
        let arguments: [String]
        let line: String

        init(_ arguments: String..., line: String) {
            self.arguments = arguments
            self.line = line
        }
    }

    @Test(arguments: [
        Objection("--blok:a=x", line: "unknown option --blok:a=x: did you mean --block?"),
        Objection("--memm=1", line: "unknown option --memm=1: did you mean --mem?"),
        Objection("--hepl", line: "unknown option --hepl: did you mean --help?"),
        Objection(
            "--frobnicate",
            line: "unknown option --frobnicate: `pinnace run --help` lists those of this build"),
        Objection(
            "-m", line: "unknown option -m: `pinnace run --help` lists those of this build"),
        Objection("-", line: "unknown option -: `pinnace run --help` lists those of this build"),
        Objection("--mem", line: "option --mem needs a value: --mem=N"),
        Objection("--mem=", "g", line: "option --mem needs a value: --mem=N"),
        Objection("--mem", "--", "g", line: "option --mem needs a value: --mem=N"),
        Objection("--mem", "", "g", line: "option --mem needs a value: --mem=N"),
        Objection("--mem:a=1", line: "option --mem is not about a device: --mem=N"),
        Objection("--mem=1", "--mem=1", line: "option --mem is given twice"),
        Objection("--x-exec-heap", "--x-exec-heap", line: "option --x-exec-heap is given twice"),
        Objection("--x-exec-heap=1", line: "option --x-exec-heap takes no value"),
        Objection("--block=x", line: "option --block needs a device: --block:NAME=PATH"),
        Objection("--block:a", line: "option --block needs a value: --block:NAME=PATH"),
        Objection(
            "--block:a-b=x",
            line: "option --block:a-b=x: a device's name is 1 to 67 letters and digits"),
        Objection(
            "--block:=x", line: "option --block:=x: a device's name is 1 to 67 letters and digits"),
        Objection("--block:a=1", "--block:a", "2", line: "option --block:a is given twice"),
    ])
    func `attack 23: options that are none`(objection: Objection) {
        #expect(parse(objection.arguments).objections == [CommandError(objection.line)])
    }

    @Test func `an option may be given for several devices`() {
        #expect(parse(["--block:a=1", "--block:b=1", "--block-ro:a=1"]).objections == [])
    }

    @Test func `all objections are found as long as the guest can be`() {
        let parsed = parse(["--x=1", "--mem=1", "--mem=2", "--block=y", "g", "--z"])
        #expect(parsed.objections.count == 3)
        #expect(parsed.operands.first == Argument("g"))
        // Whether g is the value of an unknown option can't be told.
        #expect(parse(["--x", "g"]).operands == [])
    }

    @Test func `values that are not text`() {
        let parser = Command.run.parser(.over(FakeModule.all))
        let parsed = parser.parse([Argument("--mem"), Argument(bytes: [0xFF]), Argument("g")])
        #expect(parsed.objections == [CommandError("option --mem: its value is not UTF-8")])
        #expect(parsed.operands == [Argument("g")])
        let joined = parser.parse([Argument(bytes: Array("--block:a=".utf8) + [0xFF])])
        #expect(joined.objections.count == 1)
    }
}
