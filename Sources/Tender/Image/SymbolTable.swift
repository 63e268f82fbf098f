import Bytes

/// An executable's symbol table (SHT_SYMTAB), read from its file only on demand.
///
/// The file is not trusted: addresses have no name if the table makes no sense.
package struct SymbolTable {
    package let file: ImageFile
    /// The load bias: the difference from the addresses in the file.
    package let bias: UInt64
    private let machine: ELF.Machine

    /// - Returns: nil if the executable has no sections, and so no symbols.
    package init?(_ executable: ELFExecutable, _ file: ImageFile, bias: UInt64 = 0) {
        guard executable.hasSections else { return nil }
        self.file = file
        self.bias = bias
        machine = executable.machine
    }

    /// A name such as "main+0x1c"; nil if no function is known at `address`.
    package func name(at address: UInt64) -> String? {
        guard let best = try? lookUp(address &- bias) else { return nil }
        return best.distance == 0 ? best.name : "\(best.name)+\(hexadecimal(best.distance))"
    }

    // Reads are bounded and in small batches: in the sandbox the heap may not grow.

    /// Large unikernels have some ten thousand.
    private static let mostSymbols = 1 << 20
    private static let mostSections = 1024
    private static let symbolSize = 24
    private static let batch = 128

    private func lookUp(_ address: UInt64) throws(ImageError) -> (name: String, distance: UInt64)? {
        guard let (table, strings) = try sections() else { return nil }
        let count = min(Int(clamping: table.size) / Self.symbolSize, Self.mostSymbols)
        var best: Symbol?
        for first in stride(from: 0, to: count, by: Self.batch) {
            let symbols = try file.read(
                at: table.offset &+ UInt64(first * Self.symbolSize),
                count: min(Self.batch, count - first) * Self.symbolSize, "the symbols")
            for index in 0..<min(Self.batch, count - first) {
                guard let symbol = Symbol(symbols, at: index * Self.symbolSize),
                    symbol.covers(address), !isMark(symbol), symbol.value >= best?.value ?? 0
                else { continue }
                best = symbol
            }
        }
        guard let best, let name = try name(best, in: strings) else { return nil }
        return (name, address - best.value)
    }

    private struct Symbol {
        let name: UInt32
        let value: UInt64
        let size: UInt64
        let isCode: Bool
        /// A label that only its own file sees.
        let isLocalLabel: Bool

        init?(_ table: [UInt8], at offset: Int) {
            guard let name = table.load(UInt32.self, at: offset),
                let info = table.load(UInt8.self, at: offset + 4),
                let section = table.load(UInt16.self, at: offset + 6),
                let value = table.load(UInt64.self, at: offset + 8),
                let size = table.load(UInt64.self, at: offset + 16)
            else { return nil }
            (self.name, self.value, self.size) = (name, value, size)
            // STT_FUNC, and STT_NOTYPE for assembly labels; in a section, and so with an address.
            // STB_LOCAL is 0, and so is STT_NOTYPE.
            isLocalLabel = info == 0
            isCode = (info & 0xF == 2 || info & 0xF == 0) && section != 0 && section < 0xFF00
        }

        /// Labels have no size, and reach to the next one, or one page.
        func covers(_ address: UInt64) -> Bool {
            isCode && name != 0 && address >= value
                && address - value < (size == 0 ? 4096 : size)
        }
    }

    /// Whether it may be a mapping symbol, such as $x: on Arm, files mark by them where code and data
    /// begin (ELF for AArch64, 5.5.5).
    private func isMark(_ symbol: Symbol) -> Bool { machine == .aarch64 && symbol.isLocalLabel }

    private func name(_ symbol: Symbol, in strings: Section) throws(ImageError) -> String? {
        guard UInt64(symbol.name) < strings.size else { return nil }
        let room = min(strings.size - UInt64(symbol.name), 128)
        let bytes = try file.read(
            at: strings.offset &+ UInt64(symbol.name), count: Int(room), "a symbol's name")
        let name = bytes.prefix { $0 != 0 }
        // No control characters: a terminal would interpret them.
        guard !name.isEmpty, name.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        return String(decoding: name, as: UTF8.self)
    }

    private struct Section {
        static let symbols: UInt32 = 2
        static let headerSize: UInt16 = 64

        let type: UInt32
        let offset: UInt64
        let size: UInt64
        let link: UInt32
    }

    /// The symbol table and its string table.
    private func sections() throws(ImageError) -> (Section, Section)? {
        let header = try file.read(at: 0, count: ELF.headerSize, "the ELF header")
        guard let offset = header.load(UInt64.self, at: 40),
            let entrySize = header.load(UInt16.self, at: 58),
            let count = header.load(UInt16.self, at: 60), entrySize == Section.headerSize
        else { return nil }
        for index in 0..<min(Int(count), Self.mostSections) {
            let table = try section(index, of: offset)
            guard table.type == Section.symbols else { continue }
            guard table.link < UInt32(count) else { return nil }
            return (table, try section(Int(table.link), of: offset))
        }
        return nil
    }

    private func section(_ index: Int, of table: UInt64) throws(ImageError) -> Section {
        let (position, overflow) = table.addingReportingOverflow(
            UInt64(index) * UInt64(Section.headerSize))
        let what = "a section header"
        guard !overflow else { throw file.failure(.truncated(what: what)) }
        let header = try file.read(at: position, count: Int(Section.headerSize), what)
        guard let type = header.load(UInt32.self, at: 4),
            let offset = header.load(UInt64.self, at: 24),
            let size = header.load(UInt64.self, at: 32),
            let link = header.load(UInt32.self, at: 40)
        else { throw file.failure(.truncated(what: what)) }
        return Section(type: type, offset: offset, size: size, link: link)
    }
}
