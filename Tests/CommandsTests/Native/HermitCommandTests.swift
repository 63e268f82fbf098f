import CommandsSupport
import Foundation
import Programs
import Tender
import TestSupport
import Testing

@testable import Commands

/// `run`, `check`, `inspect` and `manifest`, where Hermit guests are among the guests.
@Suite struct HermitCommandTests {
    private let record = HermitRecord()
    private let hermit: GuestFile
    private let solo5: GuestFile
    private var modules: [RegisteredModule] { FakeModule.all + [record.module] }

    init() throws {
        hermit = try GuestFile(.markedHermit())
        solo5 = try GuestFile(devices: [ELFBuilder.net("eth0")])
    }

    @Test func `the image decides how it is run`() throws {
        record.status = 42
        let reply = pinnace(
            "run", "--mem", "1G", "--cpus=2", "--env=A=b c", "--env", "B=", "--net=tap0", "--stats",
            hermit.path, "-freq", "1", "--", "--mem=7", "", modules: modules)
        #expect(reply == Reply(status: 42))
        let request = try #require(record.request)
        #expect(record.paths == [hermit.path])
        #expect(request.memory == 1 << 30)
        #expect(
            request.options == [
                OptionValue(name: "cpus", value: "2"), OptionValue(name: "env", value: "A=b c"),
                OptionValue(name: "env", value: "B="), OptionValue(name: "net", value: "tap0"),
                OptionValue(name: "stats"),
            ])
        let arguments = request.arguments.map { String(decoding: $0, as: UTF8.self) }
        #expect(arguments == ["-freq", "1", "--", "--mem=7", ""])
    }

    @Test func `the module decides about memory that is not said`() throws {
        #expect(pinnace("run", hermit.path, modules: modules).status == 0)
        #expect(record.request?.memory == nil)
        #expect(record.request?.options == [])
        #expect(record.request?.arguments == [])
    }

    @Test func `what the module says is passed on`() {
        record.warning = "it is late"
        record.failure = .module(
            ModuleError("too many", option: OptionValue(name: "cpus", value: "99"), hint: "9"))
        let reply = pinnace("run", "--cpus=99", hermit.path, modules: modules)
        #expect(reply.status == 1)
        #expect(
            reply.errorLines == [
                "pinnace: it is late", "pinnace: option --cpus=99: too many (9)",
            ])
        let check = pinnace("check", "--cpus=99", hermit.path, modules: modules)
        #expect(check.status == 1)
        #expect(
            check.output
                == "\(hermit.path): would not run\n  option --cpus=99: too many (9)\n")
        #expect(check.error == "pinnace: it is late\n")
    }

    @Test func `check says that it would run`() {
        let reply = pinnace("check", "--cpus=2", hermit.path, "a", modules: modules)
        #expect(reply == Reply(status: 0, output: "\(hermit.path): would run\n"))
        #expect(record.request?.options == [OptionValue(name: "cpus", value: "2")])
        let json = pinnace("check", "--json", "--cpus=2", hermit.path, modules: modules)
        #expect(json.status == 0)
        #expect(json.output.contains("\"wouldRun\": true,\n  \"reasons\": []\n"))
        // `--json` is none of the launch's options.
        #expect(record.requests.last?.options == [OptionValue(name: "cpus", value: "2")])
    }

    struct Foreign {
        let option: String
        let isHermit: Bool
        let line: String
    }

    @Test(arguments: [
        Foreign(
            option: "--block:disk=x", isHermit: true,
            line: "option --block:disk=x is for Solo5 guests, and this is a Hermit one"),
        Foreign(
            option: "--x-exec-heap", isHermit: true,
            line: "option --x-exec-heap is for Solo5 guests, and this is a Hermit one"),
        Foreign(
            option: "--net:eth0=tap0", isHermit: true,
            line: "option --net:eth0=tap0 is for Solo5 guests, and this is a Hermit one: "
                + "--net=IFACE"),
        Foreign(
            option: "--cpus=2", isHermit: false,
            line: "option --cpus=2 is for Hermit guests, and this is a Solo5 one"),
        Foreign(
            option: "--net=tap0", isHermit: false,
            line: "option --net=tap0 is for Hermit guests, and this is a Solo5 one: "
                + "--net:NAME=IFACE"),
    ])
    func `options for the other kind of guest`(foreign: Foreign) {
        let guest = foreign.isHermit ? hermit : solo5
        let reply = pinnace("run", foreign.option, guest.path, modules: modules)
        #expect(reply == Reply(status: 1, error: "pinnace: \(foreign.line)\n"))
        #expect(record.requests.isEmpty)
        let check = pinnace("check", foreign.option, guest.path, modules: modules)
        #expect(check.status == 1)
        #expect(check.output.contains("  \(foreign.line)\n"))
        if foreign.isHermit { #expect(record.request?.options == []) }
    }

    @Test func `the image is judged before the options`() {
        let reply = pinnace("run", "--cpus=2", "--bogus=1", "/nonexistent/x", modules: modules)
        #expect(reply.errorLines.count == 1)
        #expect(reply.error.contains("Could not open"))
        #expect(
            pinnace("run", "--cpsu=2", hermit.path, modules: modules).errorLines
                == ["pinnace: unknown option --cpsu=2: did you mean --cpus?"])
    }

    @Test func `options that may be repeated and that may not`() {
        let reply = pinnace("run", "--cpus=1", "--cpus=2", hermit.path, modules: modules)
        #expect(reply.errorLines == ["pinnace: option --cpus is given twice"])
    }

    // MARK: What is missing

    @Test func `a Hermit guest without its module is refused`() {
        let line =
            "\(hermit.path): this is a Hermit guest; "
            + "this pinnace was built without module uhyve (trait Uhyve)"
        #expect(
            pinnace("run", "--mem=64", "--cpus=2", hermit.path)
                == Reply(status: 1, error: "pinnace: \(line)\n"))
        let check = pinnace("check", hermit.path)
        #expect(check.status == 1)
        #expect(check.output.contains("  \(line)\n"))
    }

    @Test func `a Solo5 guest without any module for it is refused`() throws {
        // mov $0x502, %edx; mov $0x508, %dx
        let guest = try GuestFile(code: [0xBA, 2, 5, 0, 0, 0x66, 0xBA, 8, 5])
        let halting = try GuestFile(code: [0xBA, 8, 5, 0, 0])
        let start = "this is a Solo5 guest; this pinnace was built without module"
        for (path, names) in [
            (guest.path, "s puts, halt (traits Puts,Halt)"),
            (
                solo5.path,
                "s walltime, puts, poll, halt, net (traits Walltime,Puts,Poll,Halt,Net)"
            ),
            (halting.path, " halt (trait Halt)"),
        ] {
            let line = "\(path): \(start)\(names)\n"
            for modules in [[record.module], []] {
                #expect(
                    pinnace("run", path, modules: modules)
                        == Reply(status: 1, error: "pinnace: \(line)"))
                #expect(pinnace("check", path, modules: modules).output.contains("  \(line)"))
                #expect(
                    call("solo5-hvt", [Argument(path)], modules: modules)
                        == Reply(status: 1, error: "solo5-hvt: \(line)"))
            }
        }
    }

    @Test func `what is neither is told as before`() {
        let reply = pinnace("run", "/dev/null", modules: modules)
        #expect(reply == pinnace("run", "/dev/null"))
        #expect(reply.error.contains("not a regular file"))
    }

    // MARK: Texts

    @Test func `help lists options by kind`() {
        for command in ["run", "check"] {
            let help = pinnace(command, "--help", modules: modules).output
            for text in [
                "\nFor Solo5 guests:\n  --x-exec-heap", "\nFor Solo5 guests, module block: disks\n",
                "\nFor Hermit guests, module uhyve: runs Hermit guests\n  --cpus=N",
                "  --net=IFACE", "  --net:NAME=IFACE",
            ] {
                #expect(help.contains(text), "\(text)")
            }
        }
        #expect(!pinnace("run", "--help").output.contains("--cpus"))
    }

    @Test func `the build as text and JSON`() throws {
        let text = pinnace("manifest", modules: modules).output
        #expect(
            text.hasPrefix(
                "pinnace 0.1.0, for hvt guests of ABI versions 1 and 2, and Hermit guests\n"))
        for part in ["uhyve (trait Uhyve)", "FileWrite, port 0x400, argument of 20 bytes"] {
            #expect(text.contains(part), "\(part)")
        }
        let json = pinnace("manifest", "--json", modules: modules).output
        let parsed = try JSONSerialization.jsonObject(with: Data(json.utf8))
        let manifest = try #require(parsed as? [String: Any])
        let entries = try #require(manifest["modules"] as? [[String: Any]])
        #expect(entries.map { $0["guests"] as? String } == ["Solo5", "Solo5", "Hermit"])
        let calls = try #require(entries[2]["hypercalls"] as? [[String: Any]])
        #expect(calls[0]["port"] as? Int == 0x400)
        #expect(calls[0]["number"] is NSNull)
    }

    @Test func `inspection`() throws {
        let text = pinnace("inspect", hermit.path, modules: modules)
        #expect(
            text
                == Reply(
                    status: 0,
                    output: """
                        \(hermit.path)
                          kind     Hermit
                          kernel   Hermit 0.12.0
                          modules  uhyve

                        """))
        #expect(pinnace("inspect", "--traits", hermit.path, modules: modules).output == "Uhyve\n")
        let json = pinnace("inspect", "--json", hermit.path, modules: modules).output
        let parsed = try JSONSerialization.jsonObject(with: Data(json.utf8))
        let report = try #require(parsed as? [String: Any])
        #expect(report["type"] as? String == "pinnace.guest")
        #expect(report["kind"] as? String == "Hermit")
        #expect(report["kernel"] as? String == "0.12.0")
        let needs = try #require(report["modules"] as? [[String: Any]])
        #expect(needs[0]["trait"] as? String == "Uhyve")
        #expect(needs[0]["builtIn"] as? Bool == true)
        #expect(report["objection"] is NSNull)
    }

    @Test func `inspection of a guest that can't run`() {
        record.objection = "too old"
        let text = pinnace("inspect", hermit.path, modules: modules)
        #expect(text.status == 0)
        #expect(text.output.contains("  cannot run  too old\n"))
        #expect(
            pinnace("inspect", "--traits", hermit.path, modules: modules)
                == Reply(status: 1, error: "pinnace: \(hermit.path): too old\n"))
    }

    @Test func `inspection without the module`() {
        #expect(pinnace("inspect", "--traits", hermit.path).output == "Uhyve\n")
        let text = pinnace("inspect", hermit.path).output
        #expect(text.contains("  kind          Hermit\n"))
        #expect(text.contains("  architecture  x86_64\n"))
        #expect(text.contains("  modules       uhyve, not in this pinnace (trait Uhyve)\n"))
        #expect(pinnace("inspect", "--json", hermit.path).output.contains("\"builtIn\": false"))
    }

    @Test(arguments: ["--manifest", "--abi"])
    func `there is no Solo5 manifest in it`(option: String) {
        #expect(
            pinnace("inspect", option, hermit.path, modules: modules).errorLines == [
                "pinnace: option \(option) is for Solo5 guests, and this is a Hermit one"
            ])
    }
}
