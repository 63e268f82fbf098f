import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// The file header (solo5-hvt specification, 2.1): each rule broken alone.
struct ELFHeaderTests {
    @Test func acceptsGuest() throws {
        #expect(try problem(with: .guest()) == nil)
    }

    struct Defect: CustomTestStringConvertible {
        let testDescription: String
        let why: String
        let apply: @Sendable (inout ELFBuilder.Header) -> Void

        init(
            _ description: String, why: String,
            _ apply: @escaping @Sendable (inout ELFBuilder.Header) -> Void
        ) {
            testDescription = description
            self.why = why
            self.apply = apply
        }
    }

    static let notStatic = "not a statically linked executable at a fixed address (ET_EXEC)"

    static let defects = [
        Defect("magic, first byte", why: "not an ELF file") { $0.magic[0] = 0x7E },
        Defect("magic, last byte", why: "not an ELF file") { $0.magic[3] = 0x47 },
        Defect("32-bit", why: "not a 64-bit ELF file") { $0.fileClass = 1 },
        Defect("no class", why: "not a 64-bit ELF file") { $0.fileClass = 0 },
        Defect("big-endian", why: "not little-endian") { $0.data = 2 },
        Defect("version 0", why: "unknown ELF version") { $0.version = 0 },
        Defect("version 2", why: "unknown ELF version") { $0.version = 2 },
        Defect("relocatable", why: notStatic) { $0.type = 1 },
        Defect("position-independent", why: notStatic) { $0.type = 3 },
        Defect("core", why: notStatic) { $0.type = 4 },
        Defect("type in the high byte", why: notStatic) { $0.type = 0x0102 },
        Defect("i386", why: "for another processor") { $0.machine = 3 },
        Defect("RISC-V", why: "for another processor") { $0.machine = 243 },
        Defect("header size", why: "header size is not 64") { $0.headerSize = 63 },
        Defect("program header size", why: "program header size is not 56") {
            $0.programHeaderSize = 57
        },
        Defect("no program headers", why: "no program headers") { $0.programHeaderCount = 0 },
    ]

    @Test(arguments: defects)
    func refuses(_ defect: Defect) throws {
        var elf = ELFBuilder.guest()
        defect.apply(&elf.header)
        #expect(try problem(with: elf) == .notExecutable(why: defect.why))
    }

    @Test func refusesTheOtherProcessor() throws {
        var elf = ELFBuilder.guest()
        elf.header.machine = 62 + 183 - ELFBuilder.Header.hostMachine
        let names =
            ELFBuilder.Header.hostMachine == 62 ? ("aarch64", "x86_64") : ("x86_64", "aarch64")
        #expect(
            try problem(with: elf)
                == .notExecutable(
                    why: "for another processor, \(names.0): this one is \(names.1)"))
    }

    /// However else it differs from what runs here.
    @Test(arguments: [
        Defect("position-independent", why: "") { $0.type = 3 },
        Defect("relocatable", why: "") { $0.type = 1 },
        Defect("32-bit", why: "") { $0.fileClass = 1 },
        Defect("big-endian", why: "") { $0.data = 2 },
    ])
    func refusesTheOtherProcessorFirst(_ defect: Defect) throws {
        var elf = ELFBuilder.guest()
        elf.header.machine = 62 + 183 - ELFBuilder.Header.hostMachine
        defect.apply(&elf.header)
        #expect(try problem(with: elf) == .notExecutable(why: "for another processor"))
    }

    /// What the reference ignores.
    @Test(arguments: [
        Defect("operating system", why: "") { $0.osABI = 3 },
        Defect("ABI version", why: "") { $0.abiVersion = 9 },
        Defect("ident version", why: "") { $0.identVersion = 0 },
        Defect("flags", why: "") { $0.flags = .max },
        Defect("section headers", why: "") { $0.sectionHeaderOffset = .max },
    ])
    func ignores(_ oddity: Defect) throws {
        var elf = ELFBuilder.guest()
        oddity.apply(&elf.header)
        #expect(try problem(with: elf) == nil)
    }

    @Test(arguments: [0, 1, 4, 63])
    func refusesShortFile(_ count: Int) throws {
        let bytes = Array(ELFBuilder.guest().bytes.prefix(count))
        #expect(try problem(withFile: bytes) == .truncated(what: "the ELF header"))
    }

    @Test func refusesOtherFiles() throws {
        let text = Array("#!/bin/sh\n".utf8) + [UInt8](repeating: 32, count: 100)
        #expect(try problem(withFile: text) == .notExecutable(why: "not an ELF file"))
    }
}
