import CommandsSupport
import Programs
import Tender
import Testing

@testable import Commands

@Suite struct Solo5LineTests {
    private func line(_ arguments: [String]) throws(CommandError) -> Solo5Line {
        try Solo5Line(arguments.map { Argument($0) }[...])
    }

    private func request(_ arguments: String...) throws(CommandError) -> RunRequest {
        try line(arguments + ["KERNEL"]).request("solo5-hvt", .over(FakeModule.all))
    }

    @Test(arguments: [
        (["k"], "k", ""),
        (["k", "a", "b"], "k", "a b"),
        (["--", "k", "a"], "k", "a"),
        (["--mem=2", "--", "--mem=1", "a"], "--mem=1", "a"),
        (["--mem=2", "k", "--", "--help", "--mem=x"], "k", "-- --help --mem=x"),
        (["--", "--"], "--", ""),
        (["", "a"], "", "a"),
        (["k", "--version"], "k", "--version"),
        (["k", "a", "b", "c d", ""], "k", "a b c d "),
    ])
    func `where the kernel is`(arguments: [String], kernel: String, commandLine: String) throws {
        let line = try line(arguments)
        #expect(line.wish == .run)
        #expect(line.kernel.text == kernel)
        let arguments = try line.request("solo5-hvt", .over(FakeModule.all)).arguments
        #expect(
            Array(arguments.joined(separator: [0x20])) == Array(commandLine.utf8))
    }

    @Test(arguments: [[], ["-"], ["--"], ["--mem=5"], ["--bogus", "--"], ["-", "-"]])
    func `no kernel`(arguments: [String]) {
        #expect(
            throws: CommandError.usage("Missing KERNEL operand")
        ) { try line(arguments) }
    }

    @Test(arguments: [
        ["--help"], ["--bogus", "--help"], ["--help", "--version"], ["-", "--help", "k"],
        ["--mem=x", "--help", "k"],
    ])
    func `help comes before everything`(arguments: [String]) {
        #expect(throws: CommandError.usage()) { try line(arguments) }
    }

    @Test(arguments: [
        ["--version"], ["--bogus", "--version"], ["--version", "--help"], ["--version", "k"],
    ])
    func `the version comes before everything`(arguments: [String]) throws {
        #expect(try line(arguments).wish == .version)
    }

    @Test func `the last memory size wins`() throws {
        #expect(try request().memory == nil)
        #expect(try request("--mem=2").memory == 2 << 20)
        #expect(try request("--mem=2", "--no-net-ring", "--mem=64").memory == 64 << 20)
    }

    @Test(arguments: ["--mem=", "--mem=0", "--mem=-1", "--mem=16x", "--mem=0x10", "--mem= 5"])
    func `a memory size that is none`(option: String) {
        #expect(throws: CommandError("Malformed argument to --mem")) {
            try request("--mem=2", option, "--bogus")
        }
    }

    @Test func `options of modules keep their order`() throws {
        let request = try request(
            "--net:b=tap1", "--block:a=/a path/with = and:colon", "--block-quick", "--net:a=@3")
        #expect(
            request.options == [
                OptionValue(name: "net", device: "b", value: "tap1"),
                OptionValue(name: "block", device: "a", value: "/a path/with = and:colon"),
                OptionValue(name: "block-quick"),
                OptionValue(name: "net", device: "a", value: "@3"),
            ])
    }

    @Test(arguments: [
        "-", "-m", "--mem", "--mem:x=5", "--memory=5", "--help=1", "--version=1",
        "--no-net-ring=1", "--no-net-ring:x", "--x-exec-heap", "--net", "--net=tap0", "--net:a",
        "--net:a=", "--net:=tap0", "--net:a-b=tap0", "--block-quick=1", "--block-quick:a",
        // Our own command line's only.
        "--block-ro:a=x", "--BLOCK:a=x", "--block :a=x",
        "--net:\(String(repeating: "x", count: 68))=tap0",
    ])
    func `attack 23: solo5-hvt options that are none`(option: String) {
        #expect(
            throws: CommandError.usage("Invalid option: `\(option)'")
        ) { try request("--net:a=tap0", option, "--mem=x") }
    }

    @Test func `an option that is not text`() throws {
        let line = try Solo5Line([Argument(bytes: [0x2D, 0x2D, 0xFF]), Argument("k")])
        #expect(throws: CommandError.self) { try line.request("solo5-hvt", .over(FakeModule.all)) }
    }
}
