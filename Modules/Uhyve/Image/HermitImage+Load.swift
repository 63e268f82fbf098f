import Bytes
import Linux
import Tender

extension HermitImage {
    /// Loads the segments into memory, which is all zeros, and relocates them.
    ///
    /// - Parameter bias: the load bias, added to all addresses; 0 for an image at a fixed address.
    package func load(into memory: GuestMemory, bias: UInt64) throws(TenderError) {
        for segment in segments {
            guard let start = segment.address.addingIfPossible(bias) else {
                throw .guest(.access(address: GuestAddress(.max), count: segment.memorySize))
            }
            let range = try wrapping(TenderError.guest) { () throws(GuestFault) in
                try memory.tenderRange(at: start, count: Int(clamping: segment.fileSize))
            }
            memory.expectFilling(of: range)
            try wrapping(TenderError.image) { () throws(ImageError) in
                try file.read(into: range, of: memory, at: segment.offset, "a segment")
            }
        }
        // An image at a fixed address was relocated by the linker.
        guard isRelocatable else { return }
        let relocator = Relocator(memory: memory, bias: bias, image: linkedRange)
        try wrapping({ TenderError.image(file.failure(.refused(why: $0.description))) }) {
            () throws(InputError) in
            for table in dynamic.relocations {
                try relocator.apply(table, symbols: dynamic.symbols)
            }
        }
    }
}

/// Applies the relocations of a loaded image (System V ABI for x86_64, 4.4).
struct Relocator {
    let memory: GuestMemory
    /// The load bias, added to all addresses.
    let bias: UInt64
    /// The range of the image, as linked. Nothing outside is read or changed.
    let image: Range<UInt64>

    private enum Kind {
        static let relative: UInt32 = 8
        static let absolute: UInt32 = 1
        static let global: UInt32 = 6
    }

    func apply(
        _ table: DynamicSection.Table, symbols: UInt64?
    ) throws(InputError) {
        // A copy, since a relocation could target the table.
        let entries = try bytes(at: table.address, count: table.count)
        for index in 0..<Int(table.count / DynamicSection.entrySize) {
            let offset = index * Int(DynamicSection.entrySize)
            guard let target = entries.load(UInt64.self, at: offset),
                let information = entries.load(UInt64.self, at: offset + 8),
                let addend = entries.load(UInt64.self, at: offset + 16)
            else { return }
            let symbol = information >> 32
            var value = bias &+ addend
            switch UInt32(truncatingIfNeeded: information) {
            case Kind.relative: break
            case Kind.absolute, Kind.global:
                guard let symbolValue = try self.value(of: symbol, symbols) else { continue }
                value &+= symbolValue
            case let kind:
                throw InputError("relocation \(index) is of type \(kind), which is not supported")
            }
            guard image.contains(target, count: 8) else { throw outside("a relocation", target) }
            do throws(GuestFault) {
                try memory.place(value, at: target &+ bias)
            } catch {
                throw outside("a relocation", target)
            }
        }
    }

    /// - Returns: nil for an undefined weak symbol, which stays 0 whatever the bias.
    private func value(of symbol: UInt64, _ symbols: UInt64?) throws(InputError) -> UInt64? {
        // The symbol number has 32 bits, so the product does not overflow.
        guard let symbols,
            let address = symbols.addingIfPossible(symbol * DynamicSection.entrySize)
        else { throw undefined(symbol) }
        let entry = try bytes(at: address, count: DynamicSection.entrySize)
        guard let information = entry.load(UInt8.self, at: 4),
            let section = entry.load(UInt16.self, at: 6),
            let value = entry.load(UInt64.self, at: 8)
        else { throw undefined(symbol) }
        if section == 0 {
            let weak: UInt8 = 2
            guard information >> 4 == weak else { throw undefined(symbol) }
            return nil
        }
        return value
    }

    private func bytes(at address: UInt64, count: UInt64) throws(InputError) -> [UInt8] {
        guard image.contains(address, count: count) else {
            throw outside("a relocation or symbol table", address)
        }
        do throws(GuestFault) {
            let range = try memory.range(
                at: GuestAddress(address &+ bias), count: count, for: .read)
            return memory.bytes(in: range)
        } catch {
            throw outside("a relocation or symbol table", address)
        }
    }

    private func outside(_ what: String, _ address: UInt64) -> InputError {
        InputError("\(what) at \(hexadecimal(address)) is outside the image")
    }

    private func undefined(_ symbol: UInt64) -> InputError {
        InputError("relocations refer to symbol \(symbol), which is not defined")
    }
}
