import Foundation
import Testing

@testable import Elftool

@Suite struct NoteSourceTests {
    private static let headers = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("abi").path

    /// The section that an emitted file compiles to.
    private func compile(_ manifest: String, _ target: String) throws -> Section {
        let folder = try Folder()
        let source = try folder.write(noteSource(for: parse(manifest)), to: "note.c")
        let outcome = try run(
            "/usr/bin/env",
            [
                "clang", "-target", target, "-std=c99", "-ffreestanding", "-Wall", "-Wextra",
                "-Werror", "-pedantic", "-I", Self.headers, "-c", source, "-o",
                folder.path("note.o"),
            ])
        #expect(outcome == Outcome(status: 0))
        let object = try Data(contentsOf: URL(fileURLWithPath: folder.path("note.o")))
        return try #require(Section(named: ".note.solo5.manifest", in: Array(object)))
    }

    /// What tenders read, byte by byte.
    private func note(_ devices: [(name: String, type: String)]) -> [UInt8] {
        let entries =
            [("", 0x4000_0000)] + devices.map { ($0.name, $0.type == "NET_BASIC" ? 2 : 1) }
        var bytes = word(6) + word(12 + 104 * entries.count) + Array("MFT1".utf8)
        bytes += Array("Solo5\0\0\0".utf8) + word(0)
        bytes += word(1) + word(entries.count)
        for (name, type) in entries {
            bytes += Array(name.utf8) + [UInt8](repeating: 0, count: 68 - name.utf8.count)
            bytes += word(type) + [UInt8](repeating: 0, count: 32)
        }
        return bytes
    }

    private func word(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(value >> (8 * $0) & 0xff) }
    }

    @Test(
        arguments: ["x86_64-linux-gnu", "aarch64-linux-gnu"],
        [
            [], [("disk", "BLOCK_BASIC")], [("eth0", "NET_BASIC"), ("Disk1", "BLOCK_BASIC")],
            [(String(repeating: "9", count: 67), "NET_BASIC")], numberedDevices(63),
        ] as [[(name: String, type: String)]])
    func compilesToTheNote(_ target: String, _ devices: [(name: String, type: String)]) throws {
        let section = try compile(manifest(devices), target)
        #expect(section.bytes == note(devices))
        #expect(section.alignment == 8)
        #expect(section.type == Section.note)
        #expect(section.flags == Section.allocated)
    }

    @Test func keepsTheLimitsOfTheNote() {
        #expect(12 + 104 * (ManifestSource.maximumDevices + 1) == 6668)
        #expect(ManifestSource.maximumNameLength + 1 == 68)
    }
}

/// A section of a 64-bit little-endian ELF object.
struct Section {
    static let note = 7
    static let allocated = 2

    let bytes: [UInt8]
    let type: Int
    let flags: Int
    let alignment: Int

    init?(named name: String, in object: [UInt8]) {
        func number(_ offset: Int, _ size: Int) -> Int {
            object[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        let table = number(0x28, 8)
        let headers = (0..<number(0x3c, 2)).map { table + 64 * $0 }
        let strings = number(headers[number(0x3e, 2)] + 0x18, 8)
        let wanted = Array(name.utf8) + [0]
        guard
            let header = headers.first(where: {
                object[(strings + number($0, 4))...].starts(with: wanted)
            })
        else {
            return nil
        }
        let start = number(header + 0x18, 8)
        bytes = Array(object[start..<start + number(header + 0x20, 8)])
        type = number(header + 4, 4)
        flags = number(header + 8, 8)
        alignment = number(header + 0x30, 8)
    }
}
