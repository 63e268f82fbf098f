import CommandsSupport
import Foundation
import Programs
import Tender
import TestSupport
import Testing

@testable import Commands

/// What `pinnace run` and `pinnace check` say before a guest runs.
@Suite struct RunCommandTests {
    @Test func `the image is judged before the options`() throws {
        let reply = pinnace("run", "--bogus=1", "/nonexistent/guest")
        #expect(reply.status == 1)
        #expect(reply.errorLines.count == 1)
        #expect(reply.error.hasPrefix("pinnace: /nonexistent/guest: Could not open: "))
        let guest = try GuestFile()
        #expect(pinnace("run", "--bogus=1", guest.path).error.contains("unknown option --bogus=1"))
    }

    @Test func `a missing module is named before its options are judged`() throws {
        let guest = try GuestFile(devices: [ELFBuilder.net("eth0")])
        for command in ["run", "check"] {
            let reply = pinnace(
                command, "--net:eth0=tap0", guest.path, modules: [RegisteredModule(FakeBlock.self)])
            #expect(reply.status == 1)
            #expect(
                (reply.error + reply.output).contains(
                    "device 'eth0' is NET_BASIC; this pinnace was built without module net "
                        + "(trait Net)\n"))
        }
    }

    @Test func `each device that is not attached is told with its option`() throws {
        let guest = try GuestFile(devices: [
            ELFBuilder.block("disk"), ELFBuilder.net("eth0"),
            ELFBuilder.Part.manifestEntry("odd", type: 77),
        ])
        #expect(
            pinnace("run", guest.path).errorLines == [
                "pinnace: device 'disk' (BLOCK_BASIC) is not attached: --block:disk=PATH",
                "pinnace: device 'eth0' (NET_BASIC) is not attached: --net:eth0=IFACE",
                "pinnace: device 'odd' (<undefined type>) is not attached: "
                    + "nothing in this pinnace can attach it",
            ])
    }

    @Test func `a module's hint is passed on`() throws {
        let guest = try GuestFile(devices: [ELFBuilder.block("disk")])
        #expect(
            pinnace("run", "--block:dsik=x", guest.path).errorLines == [
                "pinnace: option --block:dsik=x: Resource not declared in manifest: 'dsik' "
                    + "(its BLOCK_BASIC devices: disk)"
            ])
    }

    @Test func `options that only this command line has`() throws {
        let guest = try GuestFile(devices: [ELFBuilder.block("disk")])
        let reply = pinnace("run", "--mem=5G", "--block-ro:disk=x", guest.path)
        #expect(reply.errorLines.count == 1)
        #expect(reply.error.contains("exceeds the max size"))
    }

    @Test(arguments: ["0", "-1", "", "16x", "1T"])
    func `a memory size that is none`(size: String) throws {
        let guest = try GuestFile()
        let reply = pinnace("run", "--mem=\(size)", guest.path)
        #expect(reply.status == 1)
        #expect(reply.errorLines.count == 1)
        #expect(reply.error.hasPrefix("pinnace: option --mem"))
    }

    @Test func `check tells all that is wrong`() throws {
        let guest = try GuestFile(devices: [
            ELFBuilder.block("disk"), ELFBuilder.block("swap"), ELFBuilder.net("eth0"),
        ])
        let reply = pinnace(
            "check", "--blok:swap=x", "--mem=5G", "--block:disk=unusable", guest.path,
            String(repeating: "x", count: 9000))
        #expect(reply.status == 1)
        #expect(reply.error == "")
        for text in [
            "would not run", "unknown option --blok:swap=x: did you mean --block?",
            "Could not open: unusable", "device 'swap' (BLOCK_BASIC) is not attached",
            "device 'eth0' (NET_BASIC) is not attached", "exceeds the max size",
        ] {
            #expect(reply.output.contains(text), "\(text)")
        }
        #expect(!reply.output.contains("device 'disk'"))
    }

    @Test func `check answers in JSON`() throws {
        func answer(_ words: String...) throws -> [String: Any] {
            let reply = call(
                "/usr/bin/pinnace", (["check", "--json"] + words).map { Argument($0) },
                modules: FakeModule.all)
            let parsed = try JSONSerialization.jsonObject(with: Data(reply.output.utf8))
            let answer = try #require(parsed as? [String: Any])
            #expect(reply.error == "")
            #expect(reply.status == (answer["wouldRun"] as? Bool == true ? 0 : 1))
            return answer
        }
        let guest = try GuestFile(devices: [ELFBuilder.block("disk"), ELFBuilder.net("eth0")])
        let refused = try answer("--block:dsik=x", guest.path)
        #expect(refused["type"] as? String == "pinnace.check")
        #expect(refused["path"] as? String == guest.path)
        let reasons = try #require(refused["reasons"] as? [[String: Any]])
        #expect(reasons.contains { $0["option"] as? String == "--block:dsik=x" })
        #expect(reasons.contains { $0["unattachedDevices"] as? [String] == ["disk", "eth0"] })
        let messages = reasons.flatMap { $0["messages"] as? [String] ?? [] }
        #expect(
            messages.contains("device 'eth0' (NET_BASIC) is not attached: --net:eth0=IFACE"),
            "\(messages)")
        #expect(try answer()["path"] is NSNull)
    }

    @Test func `check judges the image and the command line at once`() {
        let reply = pinnace("check", "--mem=0", "/nonexistent/guest")
        #expect(reply.status == 1)
        #expect(reply.output.contains("Could not open"))
        #expect(reply.output.contains("--mem"))
        #expect(pinnace("check").output.contains("no GUEST given"))
    }

    @Test func `check names modules that the code needs`() throws {
        // mov $0x502, %edx; mov $0x508, %dx
        let guest = try GuestFile(code: [0xBA, 2, 5, 0, 0, 0x66, 0xBA, 8, 5])
        let reply = pinnace("check", guest.path)
        #expect(reply.output.contains("its code uses module puts; this pinnace was built without"))
        #expect(reply.output.contains("its code uses module halt;"))
        #expect(!reply.output.contains("poll"))
    }
}
