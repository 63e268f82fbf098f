import CommandsSupport
import Foundation
import Testing

@testable import Commands

@Suite struct ManifestCommandTests {
    @Test func `the build as JSON`() throws {
        let reply = pinnace("manifest", "--json")
        #expect(reply.status == 0)
        let parsed = try JSONSerialization.jsonObject(with: Data(reply.output.utf8))
        let manifest = try #require(parsed as? [String: Any])
        let core = try #require(manifest["core"] as? [String: Any])
        #expect(core["version"] as? String == "0.1.0")
        #expect(core["abiVersions"] as? [Int] == [1, 2])
        let modules = try #require(manifest["modules"] as? [[String: Any]])
        #expect(modules.map { $0["name"] as? String } == ["block", "net"])
        #expect(modules.map { $0["trait"] as? String } == ["Block", "Net"])
        let hypercalls = try #require(modules[0]["hypercalls"] as? [[String: Any]])
        #expect(hypercalls.map { $0["number"] as? Int } == [4, 5])
        #expect(hypercalls.map { $0["argumentSize"] as? Int } == [40, 40])
        #if arch(x86_64)
            #expect(hypercalls.map { $0["port"] as? Int } == [0x504, 0x505])
        #endif
        let fields = try #require(hypercalls[0]["fields"] as? [[String: Any]])
        #expect(fields.map { $0["name"] as? String } == ["data", "len", "result"])
        #expect(fields.map { $0["type"] as? String } == ["buffer", "number", "status"])
        #expect(fields.map { $0["direction"] as? String } == ["in", "in", "out"])
        #expect(fields.map { $0["offset"] as? Int } == [16, 24, 32])
        #expect(fields.map { $0["size"] as? Int } == [8, 8, 4])
        #expect(fields.map { $0["length"] as? String } == ["len", nil, nil])
        let options = try #require(modules[0]["options"] as? [[String: Any]])
        #expect(
            options.map { $0["form"] as? String } == [
                "--block:NAME=PATH", "--block-ro:NAME=PATH", "--block-quick",
            ])
        #expect(options.map { $0["solo5"] as? Bool } == [true, false, true])
        #expect(modules[1]["devices"] as? [String] == ["NET_BASIC"])
        let calls = try #require(modules[0]["systemCalls"] as? [[String: Any]])
        let conditions = try #require(calls[1]["conditions"] as? [[String: Any]])
        #expect(conditions[0]["value"] as? UInt64 == .max)
        #expect(conditions[0]["meaning"] as? String == "NEVER")
    }

    @Test func `the build as text`() {
        let text = pinnace("manifest").output
        for part in [
            "pinnace 0.1.0, for hvt guests of ABI versions 1 and 2", "KVM_RUN",
            "block (trait Block): disks", "4 BLOCK_WRITE", "argument of 40 bytes", "BLOCK_BASIC",
            "  data: buffer, 8 bytes at 16, in, of len bytes\n",
            "  result: status, 4 bytes at 32, out\n",
            "--block-ro:NAME=PATH", "pread64, if argument 0 is a disk",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(!pinnace("manifest", modules: []).output.contains("block"))
    }
}
