import CommandsSupport
import Programs
import Tender
import TestSupport
import Testing

@testable import Commands

@Suite struct Solo5ProgramTests {
    private static let missing = "/nonexistent/kernel"

    @Test(arguments: ["solo5-hvt", "solo5-hvt.1", "solo5-hvt.2"])
    func `the name decides, and begins every message`(name: String) {
        let version = call("/usr/bin/\(name)", [Argument("--version")])
        #expect(
            version
                == Reply(
                    status: 0,
                    error:
                        "\(name) tender, version 0.1.0\npinnace 0.1.0\nABI version 2\nABI version 1\n"
                ))
        let missing = call(name, [Argument(Self.missing)])
        #expect(missing.error.hasPrefix("\(name): \(Self.missing): Could not open: "))
    }

    @Test func `pinnace can stand for it`() {
        let expected = solo5("--version")
        #expect(pinnace("--as", "solo5-hvt", "--version") == expected)
        #expect(pinnace("--as=solo5-hvt", "--version") == expected)
        #expect(
            pinnace("--as", "solo5-hvt").errorLines.first == "solo5-hvt: Missing KERNEL operand")
    }

    @Test func `some line of the version is made of three words`() {
        let lines = solo5("--version").errorLines.map { $0.split(separator: " ") }
        #expect(lines.contains(["ABI", "version", "2"]))
        #expect(lines.contains(["ABI", "version", "1"]))
    }

    @Test func `help goes to standard error and is a failure`() {
        let help = solo5("--help")
        #expect(help.status == 1)
        #expect(help.output == "")
        #expect(
            help.errorLines.first
                == "usage: solo5-hvt [ CORE OPTIONS ] [ MODULE OPTIONS ] [ -- ] KERNEL [ ARGS ]")
        for text in ["--mem=", "512", "--block:NAME=PATH", "--net:NAME=IFACE", "core block net"] {
            #expect(help.error.contains(text))
        }
        #expect(!help.error.contains("block-ro"))
    }

    @Test func `a missing kernel is followed by the usage`() {
        let reply = solo5("--mem=4")
        #expect(reply.status == 1)
        #expect(reply.errorLines[0] == "solo5-hvt: Missing KERNEL operand")
        #expect(reply.errorLines[1].hasPrefix("usage: solo5-hvt "))
    }

    @Test func `the kernel is judged before the options`() throws {
        for option in ["--bogus", "--mem=x", "--net:none=tap0"] {
            let reply = solo5(option, Self.missing)
            #expect(reply.status == 1)
            #expect(reply.errorLines.count == 1)
            #expect(reply.error.contains("Could not open"))
        }
        let other = try GuestFile(version: 3)
        #expect(solo5("--bogus", other.path).error.contains("ABI version 3"))
    }

    @Test func `a kernel whose name is not text`() {
        let reply = call("solo5-hvt", [Argument(bytes: [0x2F, 0xFF])])
        #expect(reply.status == 1)
        #expect(reply.error.contains("Could not open: its name is not UTF-8"))
    }

    @Test func `an invalid option is followed by the usage`() throws {
        let guest = try GuestFile()
        let reply = solo5("--bogus=1", guest.path)
        #expect(reply.status == 1)
        #expect(reply.output == "")
        #expect(reply.errorLines[0] == "solo5-hvt: Invalid option: `--bogus=1'")
        #expect(reply.errorLines[1].hasPrefix("usage: solo5-hvt "))
    }

    @Test func `a malformed memory size is one line`() throws {
        let guest = try GuestFile()
        #expect(
            solo5("--mem=junk", guest.path)
                == Reply(status: 1, error: "solo5-hvt: Malformed argument to --mem\n"))
    }

    @Test func `a module's objection to an option names the option`() throws {
        let guest = try GuestFile(devices: [ELFBuilder.block("disk")])
        let wrong = solo5("--block:disk=wrong", guest.path)
        #expect(wrong.status == 1)
        #expect(
            Array(wrong.errorLines.prefix(2)) == [
                "solo5-hvt: Could not attach", "solo5-hvt: Invalid option: `--block:disk=wrong'",
            ])
        #expect(wrong.errorLines[2].hasPrefix("usage: "))
        let undeclared = solo5("--block:other=x", guest.path)
        #expect(
            Array(undeclared.errorLines.prefix(2)) == [
                "solo5-hvt: Resource not declared in manifest: 'other'",
                "solo5-hvt: Invalid option: `--block:other=x'",
            ])
        // Right name, wrong type.
        #expect(
            solo5("--net:disk=x", guest.path).error.contains("not declared in manifest: 'disk'"))
    }

    @Test func `what a module can't open is one line`() throws {
        let guest = try GuestFile(devices: [ELFBuilder.block("disk")])
        #expect(
            solo5("--block:disk=unusable", guest.path)
                == Reply(status: 1, error: "solo5-hvt: Could not open: unusable\n"))
    }

    @Test func `each device that is not attached has its line`() throws {
        let guest = try GuestFile(devices: [
            ELFBuilder.block("disk"), ELFBuilder.net("net0"), ELFBuilder.block("swap"),
            ELFBuilder.Part.manifestEntry("odd", type: 77),
        ])
        let reply = solo5("--block:swap=x", guest.path)
        #expect(reply.status == 1)
        #expect(
            Array(reply.errorLines.prefix(3)) == [
                "solo5-hvt: Device 'disk' of type BLOCK_BASIC declared but not attached.",
                "solo5-hvt: Device 'net0' of type NET_BASIC declared but not attached.",
                "solo5-hvt: Device 'odd' of type <undefined type> declared but not attached.",
            ])
        #expect(reply.errorLines.count == 4)
    }

    @Test func `a device whose module is not built in`() throws {
        let guest = try GuestFile(devices: [ELFBuilder.net("eth0")])
        let reply = solo5(
            "--net:eth0=tap0", guest.path, modules: [RegisteredModule(FakeBlock.self)])
        #expect(
            reply
                == Reply(
                    status: 1,
                    error: "solo5-hvt: device 'eth0' is NET_BASIC; "
                        + "this pinnace was built without module net (trait Net)\n"))
    }

    @Test(arguments: [
        ("3", "adjusting memory to 2097152 bytes"), ("1", "adjusting memory to 2097152 bytes"),
        ("4097", "adjusting memory to 4294967296 bytes"),
    ])
    func `an odd memory size is adjusted`(size: String, line: String) throws {
        // Ends with this guest's missing device.
        let guest = try GuestFile(devices: [ELFBuilder.block("disk")])
        let lines = solo5("--mem=\(size)", guest.path).errorLines
        #expect(lines.first == "solo5-hvt: \(line)")
        #expect(lines.count == 3)
    }

    @Test(arguments: ["2", "4096"])
    func `a good memory size is taken silently`(size: String) throws {
        let guest = try GuestFile(devices: [ELFBuilder.block("disk")])
        #expect(!solo5("--mem=\(size)", guest.path).error.contains("memory"))
    }

    @Test func `too much memory is refused with both sizes`() throws {
        let guest = try GuestFile(devices: [ELFBuilder.block("disk")])
        let reply = solo5("--mem=4098", guest.path)
        #expect(reply.status == 1)
        #expect(reply.errorLines.count == 1)
        #expect(reply.error.contains("4297064448 bytes"))
        #expect(reply.error.contains("4294967296 bytes"))
    }

    @Test func `a command line that is too long`() throws {
        let guest = try GuestFile()
        let reply = solo5(guest.path, String(repeating: "x", count: 8192))
        #expect(reply.status == 1)
        #expect(reply.error.contains("8191"))
    }
}
