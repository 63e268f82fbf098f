import Architecture
import Bytes

/// The parts of the ELF format that a guest uses (System V gABI 4, chapters 4 and 5).
package enum ELF {
    static let headerSize = 64
    static let programHeaderSize = 56

    package static let loadable: UInt32 = 1
    package static let dynamic: UInt32 = 2
    package static let note: UInt32 = 4
    package static let threadLocal: UInt32 = 7

    /// The e_type of an executable.
    package enum FileType: UInt16, Sendable {
        /// ET_EXEC.
        case fixed = 2
        /// ET_DYN.
        case relocatable = 3
    }

    /// A program header.
    package struct ProgramHeader: Equatable, Sendable {
        package var type: UInt32
        package var flags: Flags
        package var offset: UInt64
        package var address: UInt64
        package var fileSize: UInt64
        package var memorySize: UInt64
        package var alignment: UInt64

        package struct Flags: OptionSet {
            package let rawValue: UInt32

            package init(rawValue: UInt32) {
                self.rawValue = rawValue
            }

            package static let execute = Flags(rawValue: 1)
            package static let write = Flags(rawValue: 2)
            package static let read = Flags(rawValue: 4)
        }
    }

    /// The processors that guests are built for.
    package enum Machine: UInt16, Sendable, CustomStringConvertible {
        /// EM_X86_64.
        case x86_64 = 62
        /// EM_AARCH64.
        case aarch64 = 183

        package var description: String { self == .x86_64 ? "x86_64" : "aarch64" }

        /// Whether this tender runs on it.
        package var isNative: Bool { rawValue == Registers.elfMachine }

        /// The reason why guests for it don't run here, if so.
        package var objection: String? {
            guard !isNative else { return nil }
            let native = Self(rawValue: Registers.elfMachine)?.description ?? "another"
            return "for another processor, \(self): this one is \(native)"
        }
    }
}

/// An ELF executable: its entry point and its program headers.
package struct ELFExecutable: Sendable {
    package let machine: ELF.Machine
    package let type: ELF.FileType
    package let entry: UInt64
    package let programHeaders: [ELF.ProgramHeader]
    /// Whether it has sections, which may include a symbol table.
    package let hasSections: Bool

    /// - Parameter acceptsRelocatable: whether ET_DYN (position-independent) is accepted.
    package init(_ file: ImageFile, acceptsRelocatable: Bool = false) throws(ImageError) {
        let header = try file.read(at: 0, count: ELF.headerSize, "the ELF header")
        if let why = Self.objection(to: header, acceptsRelocatable) {
            throw file.failure(.notExecutable(why: why))
        }
        guard let type = header.load(UInt16.self, at: 16).flatMap(ELF.FileType.init),
            let machine = Self.machine(header),
            let entry = header.load(UInt64.self, at: 24),
            let tableOffset = header.load(UInt64.self, at: 32),
            let count = header.load(UInt16.self, at: 56),
            let sectionCount = header.load(UInt16.self, at: 60)
        else { throw file.failure(.truncated(what: "the ELF header")) }
        let table = try file.read(
            at: tableOffset, count: Int(count) * ELF.programHeaderSize, "the program headers")
        var headers: [ELF.ProgramHeader] = []
        for index in 0..<Int(count) {
            guard
                let header = ELF.ProgramHeader(table, at: index * ELF.programHeaderSize)
            else { throw file.failure(.truncated(what: "the program headers")) }
            headers.append(header)
        }
        self.machine = machine
        self.type = type
        self.entry = entry
        programHeaders = headers
        hasSections = sectionCount > 0
    }

    /// The processor, from e_machine, which has the same offset in both ELF classes and should be in the
    /// file's byte order.
    private static func machine(_ header: [UInt8]) -> ELF.Machine? {
        guard let number = header.load(UInt16.self, at: 18) else { return nil }
        return ELF.Machine(rawValue: number)
            ?? (header[5] == 2 ? ELF.Machine(rawValue: number.byteSwapped) : nil)
    }

    /// The reason to refuse the file header, if any.
    private static func objection(
        to header: [UInt8], _ acceptsRelocatable: Bool
    ) -> String? {
        guard header.slice(at: 0, count: 4) == [0x7F, 0x45, 0x4C, 0x46] else {
            return "not an ELF file"
        }
        guard let machine = machine(header) else { return "for another processor" }
        let why = objection(toFormat: header, acceptsRelocatable)
        // An image for another processor may differ in other fields, too: their messages would
        // suggest linking it differently.
        return machine.isNative || why == nil ? why : "for another processor"
    }

    private static func objection(
        toFormat header: [UInt8], _ acceptsRelocatable: Bool
    ) -> String? {
        if header[4] != 2 { return "not a 64-bit ELF file" }
        if header[5] != 1 { return "not little-endian" }
        let type = header.load(UInt16.self, at: 16).flatMap(ELF.FileType.init)
        guard type == .fixed || type == .relocatable && acceptsRelocatable else {
            return acceptsRelocatable
                ? "not an executable (ET_EXEC or ET_DYN)"
                : "not a statically linked executable at a fixed address (ET_EXEC)"
        }
        let rules: [(Int, UInt16, String)] = [
            (52, UInt16(ELF.headerSize), "header size is not \(ELF.headerSize)"),
            (
                54, UInt16(ELF.programHeaderSize),
                "program header size is not \(ELF.programHeaderSize)"
            ),
        ]
        for (offset, wanted, why) in rules where header.load(UInt16.self, at: offset) != wanted {
            return why
        }
        if header.load(UInt32.self, at: 20) != 1 { return "unknown ELF version" }
        if header.load(UInt16.self, at: 56) == 0 { return "no program headers" }
        return nil
    }
}

extension ELF.ProgramHeader {
    init?(_ table: [UInt8], at offset: Int) {
        guard let type = table.load(UInt32.self, at: offset),
            let flags = table.load(UInt32.self, at: offset + 4),
            let fileOffset = table.load(UInt64.self, at: offset + 8),
            let address = table.load(UInt64.self, at: offset + 16),
            let fileSize = table.load(UInt64.self, at: offset + 32),
            let memorySize = table.load(UInt64.self, at: offset + 40),
            let alignment = table.load(UInt64.self, at: offset + 48)
        else { return nil }
        self.init(
            type: type, flags: Flags(rawValue: flags), offset: fileOffset, address: address,
            fileSize: fileSize, memorySize: memorySize, alignment: alignment)
    }
}
