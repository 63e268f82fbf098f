import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// The table of program headers: where it is, and how long.
struct ProgramHeaderTests {
    static let truncated = ImageError.Problem.truncated(what: "the program headers")

    /// Offsets whose sum with the table's size is beyond the file, or wraps around.
    @Test(
        "attack 20: program headers outside the file",
        arguments: [
            1 << 32, UInt64(Int64.max) - 100, UInt64(Int64.max), 1 << 63, .max - 447, .max - 448,
            .max,
        ])
    func refusesTableOutside(_ offset: UInt64) throws {
        var elf = ELFBuilder.guest()
        elf.header.programHeaderOffset = offset
        #expect(try problem(with: elf) == Self.truncated)
    }

    @Test func tableMayEndWithTheFile() throws {
        var elf = ELFBuilder.guest()
        let bytes = elf.bytes
        let table = Array(bytes[64..<64 + elf.parts.count * 56])
        elf.header.programHeaderOffset = UInt64(bytes.count)
        let moved = elf.bytes + table
        #expect(try problem(withFile: moved) == nil)
        #expect(try problem(withFile: moved.dropLast()) == Self.truncated)
    }

    @Test func refusesMoreHeadersThanTheFileHolds() throws {
        var elf = ELFBuilder.guest()
        elf.header.programHeaderCount = .max
        #expect(try problem(with: elf) == Self.truncated)
    }

    /// As many as can be, nearly all of them of a kind that nobody reads.
    @Test func acceptsMostHeaders() throws {
        var elf = ELFBuilder.guest()
        let others = 65535 - elf.parts.count
        elf.parts += [Part](repeating: Part(type: 0x6474_E551), count: others)
        #expect(elf.bytes[56] == 0xFF && elf.bytes[57] == 0xFF)
        #expect(try problem(with: elf) == nil)
        #expect(try segments(of: elf).count == 3)
    }

    /// PT_NULL, PT_DYNAMIC, PT_INTERP, PT_PHDR, PT_TLS, PT_GNU_STACK, with nonsense in them.
    @Test(arguments: [0, 2, 3, 6, 7, 0x6474_E551, UInt32.max])
    func ignoresOtherTypes(_ type: UInt32) throws {
        var elf = ELFBuilder.guest()
        var part = Part(type: type, flags: 7, address: .max, memorySize: .max, alignment: 3)
        part.offset = .max
        part.fileSize = .max
        elf.parts.insert(part, at: 0)
        #expect(try problem(with: elf) == nil)
    }

    @Test func ignoresPhysicalAddresses() throws {
        var elf = ELFBuilder.guest()
        for index in elf.parts.indices { elf.parts[index].physicalAddress = .max }
        #expect(try problem(with: elf) == nil)
    }
}
