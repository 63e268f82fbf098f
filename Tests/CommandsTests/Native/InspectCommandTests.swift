import CommandsSupport
import Foundation
import TestSupport
import Testing

@testable import Commands

@Suite struct InspectCommandTests {
    /// `mov $port, %edx` for each of these hypercalls.
    private func code(_ hypercalls: UInt8...) -> [UInt8] {
        hypercalls.flatMap { [0xBA, $0, 5, 0, 0] }
    }

    private func json(_ reply: Reply) throws -> [String: Any] {
        #expect(reply.status == 0)
        #expect(reply.error == "")
        let parsed = try JSONSerialization.jsonObject(with: Data(reply.output.utf8))
        return try #require(parsed as? [String: Any])
    }

    @Test func `the manifest as the reference's tool prints it`() throws {
        let guest = try GuestFile(devices: [ELFBuilder.net("net0"), ELFBuilder.block("disk")])
        #expect(
            pinnace("inspect", "--manifest", guest.path).output == """
                {
                  "type": "solo5.manifest",
                  "version": 1,
                  "devices": [
                    {
                      "name": "net0",
                      "type": "NET_BASIC"
                    },
                    {
                      "name": "disk",
                      "type": "BLOCK_BASIC"
                    }
                  ]
                }

                """)
    }

    @Test func `the ABI as the reference's tool prints it`() throws {
        let guest = try GuestFile(version: 1)
        #expect(
            pinnace("inspect", guest.path, "--abi").output == """
                {
                  "type": "solo5.abi",
                  "target": "hvt",
                  "version": 1
                }

                """)
    }

    @Test func `an ABI that does not run here can be looked at`() throws {
        var builder = ELFBuilder.guest()
        builder.parts[ELFBuilder.GuestPart.abiNote] = .abiNote(target: 2, version: 9)
        let guest = try GuestFile(builder)
        #expect(pinnace("inspect", "--abi", guest.path).output.contains("\"target\": \"spt\""))
        let text = pinnace("inspect", guest.path)
        #expect(text.status == 0)
        #expect(text.output.contains("spt, version 9"))
        #expect(text.output.contains("cannot run"))
        #expect(pinnace("inspect", "--traits", guest.path).status == 1)
    }

    @Test func `everything as JSON`() throws {
        let guest = try GuestFile(
            code: code(2, 8), devices: [ELFBuilder.block("a\"\\\u{1}\u{e4}"), ELFBuilder.net("n")])
        let all = try json(pinnace("inspect", "--json", guest.path))
        #expect(all["type"] as? String == "pinnace.guest")
        #expect(all["path"] as? String == guest.path)
        #expect(all["entry"] as? Int == 0x10_0000)
        let manifest = try #require(all["manifest"] as? [String: Any])
        let devices = try #require(manifest["devices"] as? [[String: String]])
        #expect(devices.map { $0["name"] } == ["a\"\\\u{1}\u{e4}", "n"])
        let segments = try #require(all["segments"] as? [[String: Any]])
        #expect(segments.map { $0["executable"] as? Bool } == [true, false, false])
        #expect(segments.map { $0["writable"] as? Bool } == [false, false, true])
        let modules = try #require(all["modules"] as? [[String: Any]])
        #expect(modules.map { $0["name"] as? String } == ["puts", "halt", "block", "net"])
        #expect(modules.map { $0["builtIn"] as? Bool } == [false, false, true, true])
        #expect(all["modulesCertain"] as? Bool == true)
        #expect(all["objection"] is NSNull)
    }

    @Test func `text for people`() throws {
        let guest = try GuestFile(code: code(8), devices: [ELFBuilder.net("n\u{1B}[0m")])
        let text = pinnace("inspect", guest.path, modules: []).output
        for line in [
            "hvt, version 2", "0x100000", "'n\\x1b[0m' NET_BASIC", "0x100000-0x101000 r-x",
            "0x101000-0x102000 r--", "0x102000-0x104000 rw-",
            "net, not in this pinnace (trait Net)",
        ] {
            #expect(text.contains(line), "\(line)")
        }
    }

    @Test func `the smallest set of traits`() throws {
        let all = [ELFBuilder.net("n"), ELFBuilder.block("b")]
        let rows: [(GuestFile, String)] = [
            (try GuestFile(code: code(8)), "Halt"),
            (try GuestFile(code: code(8, 2)), "Puts,Halt"),
            (try GuestFile(code: code(1, 3, 8), devices: all), "Walltime,Poll,Halt,Block,Net"),
            // Guests without devices have the code for them all the same.
            (try GuestFile(code: code(1, 2, 3, 4, 5, 6, 7, 8)), "Walltime,Puts,Poll,Halt"),
            // No word of HALT, so the ports are computed.
            (try GuestFile(code: code(2)), "Walltime,Puts,Poll,Halt"),
        ]
        for (guest, traits) in rows {
            #expect(pinnace("inspect", "--traits", guest.path).output == "\(traits)\n")
        }
    }

    @Test func `what is no guest`() throws {
        let reply = pinnace("inspect", "/dev/null")
        #expect(reply.status == 1)
        #expect(reply.output == "")
        #expect(reply.errorLines.count == 1)
    }
}
