import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// Names of functions, from files that may say anything.
@Suite struct SymbolTableTests {
    struct Symbol {
        var name: UInt32
        var info: UInt8 = 2
        var section: UInt16 = 1
        var value: UInt64
        var size: UInt64 = 0x10
    }

    /// A guest with these symbols behind all else, and what is done to the file then.
    private func table(
        _ symbols: [Symbol], names: String = "\0one\0two\0", bias: UInt64 = 0,
        linkedTo link: UInt32 = 2, change: (inout [UInt8], _ sections: Int) -> Void = { _, _ in }
    ) throws -> SymbolTable {
        var bytes = ELFBuilder.guest().bytes
        let symbolOffset = bytes.count
        for symbol in symbols {
            bytes += littleEndian(symbol.name) + [symbol.info, 0] + littleEndian(symbol.section)
            bytes += littleEndian(symbol.value) + littleEndian(symbol.size)
        }
        let nameOffset = bytes.count
        bytes += Array(names.utf8)
        let sections = bytes.count
        bytes += section(type: 0, at: 0, count: 0)
        bytes += section(type: 2, at: symbolOffset, count: nameOffset - symbolOffset, link: link)
        bytes += section(type: 3, at: nameOffset, count: sections - nameOffset)
        bytes.replaceSubrange(40..<48, with: littleEndian(UInt64(sections)))
        bytes.replaceSubrange(58..<62, with: littleEndian(UInt16(64)) + littleEndian(UInt16(3)))
        change(&bytes, sections)
        let directory = try TemporaryDirectory()
        let file = try ImageFile(path: directory.write(bytes, to: "guest.hvt"))
        return try #require(SymbolTable(ELFExecutable(file), file, bias: bias))
    }

    private func section(type: UInt32, at offset: Int, count: Int, link: UInt32 = 0) -> [UInt8] {
        littleEndian(UInt32(0)) + littleEndian(type) + littleEndian(UInt64(0))
            + littleEndian(UInt64(0)) + littleEndian(UInt64(offset)) + littleEndian(UInt64(count))
            + littleEndian(link) + [UInt8](repeating: 0, count: 20)
    }

    private static let one = Symbol(name: 1, value: 0x10_0000)
    private static let two = Symbol(name: 5, value: 0x10_0010)

    @Test func theFunctionAroundAnAddress() throws {
        let table = try table([Self.one, Self.two])
        #expect(table.name(at: 0x10_0000) == "one")
        #expect(table.name(at: 0x10_000F) == "one+0xf")
        #expect(table.name(at: 0x10_0010) == "two")
        #expect(table.name(at: 0x10_0020) == nil)
        #expect(table.name(at: 0x0F_FFFF) == nil)
        #expect(table.name(at: 0) == nil && table.name(at: .max) == nil)
    }

    @Test func whereTheImageWasMoved() throws {
        let table = try table([Self.one], bias: 0xF_0000_0000)
        #expect(table.name(at: 0xF_0010_0004) == "one+0x4")
        #expect(table.name(at: 0x10_0004) == nil)
    }

    @Test func labelsReachAsFarAsTheNextOne() throws {
        var label = Self.one
        (label.info, label.size) = (0, 0)
        let table = try table([label, Self.two])
        #expect(table.name(at: 0x10_0008) == "one+0x8")
        #expect(table.name(at: 0x10_0018) == "two+0x8")
    }

    @Test(
        "What is no function",
        arguments: [
            Symbol(name: 1, info: 1, value: 0x10_0000),
            Symbol(name: 1, section: 0, value: 0x10_0000),
            Symbol(name: 1, section: 0xFFF1, value: 0x10_0000), Symbol(name: 0, value: 0x10_0000),
            Symbol(name: 9, value: 0x10_0000), Symbol(name: .max, value: 0x10_0000),
        ])
    func others(_ symbol: Symbol) throws {
        #expect(try table([symbol]).name(at: 0x10_0000) == nil)
    }

    @Test func namesThatATerminalWouldObey() throws {
        let table = try table([Self.one], names: "\0a\u{1B}[2J\0")
        #expect(table.name(at: 0x10_0000) == nil)
    }

    @Test func aNameWithoutEndIsCut() throws {
        let table = try table([Self.one], names: "\0" + String(repeating: "x", count: 5000))
        #expect(table.name(at: 0x10_0000) == String(repeating: "x", count: 128))
    }

    @Test(
        "Tables that are not where they should be",
        arguments: [
            (24, UInt64.max), (24, 1 << 40), (32, .max), (32, 1 << 40), (40, .max),
        ])
    func broken(field: Int, value: UInt64) throws {
        // The header of the symbols' section; what lies beyond the file is not there.
        let table = try table([Self.one]) { bytes, sections in
            bytes.replaceSubrange(
                sections + 64 + field..<sections + 72 + field, with: littleEndian(value))
        }
        #expect(table.name(at: 0x10_0000) == nil)
    }

    @Test("Section headers beyond the file", arguments: [UInt64.max, 1 << 40, 0])
    func noHeaders(offset: UInt64) throws {
        let table = try table([Self.one]) { bytes, _ in
            bytes.replaceSubrange(40..<48, with: littleEndian(offset))
        }
        #expect(table.name(at: 0x10_0000) == nil)
    }

    @Test func noSections() throws {
        let directory = try TemporaryDirectory()
        let file = try ImageFile(path: ELFBuilder.guest().write(to: directory))
        #expect(try SymbolTable(ELFExecutable(file), file) == nil)
    }
}
