import Bytes
import Tender

/// The relocation entries of PT_DYNAMIC (System V gABI 4, chapter 5). All addresses as linked.
struct DynamicSection: Equatable, Sendable {
    /// The relocation tables (DT_RELA, DT_JMPREL): addresses, and sizes in bytes.
    private(set) var relocations: [Table] = []
    private(set) var symbols: UInt64?

    struct Table: Equatable, Sendable {
        let address: UInt64
        let count: UInt64
    }

    /// The size of an Elf64_Rela and of an Elf64_Sym, in bytes.
    static let entrySize: UInt64 = 24

    /// The size limit, in bytes: more than any linker makes.
    private static let largest: UInt64 = 1 << 16

    private enum Tag {
        static let null: UInt64 = 0
        static let needed: UInt64 = 1
        static let pltRelocationsSize: UInt64 = 2
        static let symbols: UInt64 = 6
        static let relocations: UInt64 = 7
        static let relocationsSize: UInt64 = 8
        static let relocationSize: UInt64 = 9
        static let symbolSize: UInt64 = 11
        static let plainRelocationsSize: UInt64 = 18
        static let pltRelocations: UInt64 = 23
        static let relativeRelocationsSize: UInt64 = 35
    }

    init(of executable: ELFExecutable, _ file: ImageFile) throws(ImageError) {
        guard let header = executable.programHeaders.first(where: { $0.type == ELF.dynamic })
        else { return }
        guard header.fileSize <= Self.largest else {
            throw file.failure(.refused(why: "its dynamic section is too large"))
        }
        let reader = try file.read(
            at: header.offset, count: Int(header.fileSize), "the dynamic section")
        var values: [(tag: UInt64, value: UInt64)] = []
        var position = 0
        while let tag = reader.load(UInt64.self, at: position), tag != Tag.null,
            let value = reader.load(UInt64.self, at: position + 8)
        {
            values.append((tag, value))
            position += 16
        }
        func value(_ tag: UInt64) -> UInt64? { values.first { $0.tag == tag }?.value }

        if value(Tag.needed) != nil {
            throw file.failure(.refused(why: "it needs shared libraries (DT_NEEDED)"))
        }
        for (tag, name) in [
            (Tag.plainRelocationsSize, "DT_REL"), (Tag.relativeRelocationsSize, "DT_RELR"),
        ] where value(tag) ?? 0 > 0 {
            throw file.failure(.refused(why: "relocations of kind \(name) are not supported"))
        }
        for tag in [Tag.relocationSize, Tag.symbolSize] {
            guard value(tag) ?? Self.entrySize == Self.entrySize else {
                throw file.failure(.refused(why: "its relocations or symbols have an unknown size"))
            }
        }
        symbols = value(Tag.symbols)
        for (tag, size) in [
            (Tag.relocations, Tag.relocationsSize), (Tag.pltRelocations, Tag.pltRelocationsSize),
        ] {
            guard let count = value(size), count > 0 else { continue }
            guard let address = value(tag), count % Self.entrySize == 0 else {
                throw file.failure(.refused(why: "its tables of relocations are not whole"))
            }
            relocations.append(Table(address: address, count: count))
        }
    }
}
