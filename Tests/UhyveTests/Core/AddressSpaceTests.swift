#if Uhyve
    import Architecture
    import CLinux
    import Hypervisor
    import Linux
    import Testing

    @testable import Tender
    @testable import Uhyve

    /// Page tables as a guest can make them.
    @Suite struct AddressSpaceTests {
        private static let start: UInt64 = 0x1_0000_0000
        private static let count: UInt64 = 0x40_0000
        private let memory: GuestMemory

        init() throws {
            memory = try GuestMemory(start: GuestAddress(Self.start), count: Self.count)
        }

        private var space: AddressSpace<AddressTranslation> { space(root: root) }
        private var root: UInt64 { Self.start + 0x1000 }

        private func set(_ table: UInt64, _ index: UInt64, _ entry: UInt64) throws {
            try memory.place(entry, at: table + index * 8)
        }

        /// Maps pages at virtual 0, by way of one table each.
        private func map(_ pages: [UInt64]) throws {
            try set(root, 0, Self.start + 0x2003)
            try set(Self.start + 0x2000, 0, Self.start + 0x3003)
            try set(Self.start + 0x3000, 0, Self.start + 0x4003)
            for (index, page) in pages.enumerated() {
                try set(Self.start + 0x4000, UInt64(index), page)
            }
        }

        private func error(_ address: UInt64) -> Errno? {
            do throws(Errno) {
                _ = try space.physical(address)
                return nil
            } catch {
                return error
            }
        }

        @Test func smallPages() throws {
            let noExecute: UInt64 = 1 << 63
            try map([Self.start + 0x9003, 0, Self.start + 0x8003 | noExecute])
            #expect(try space.physical(0x123).address == Self.start + 0x9123)
            #expect(try space.physical(0x123).count == 0xEDD)
            #expect(try space.physical(0x2FFF).address == Self.start + 0x8FFF)
            #expect(error(0x1000) == Errno(EFAULT))
            #expect(error(0x20_0000) == Errno(EFAULT))
            #expect(error(1 << 30) == Errno(EFAULT))
            #expect(error(1 << 39) == Errno(EFAULT))
        }

        @Test func largePages() throws {
            try map([])
            try set(Self.start + 0x3000, 1, Self.start + 0x20_0083)
            // What is below the page's size is no address.
            try set(Self.start + 0x3000, 2, Self.start + 0x20_1083)
            try set(Self.start + 0x2000, 1, Self.start | 0x83)
            #expect(try space.physical(0x20_0001).address == Self.start + 0x20_0001)
            #expect(try space.physical(0x20_0001).count == 0x1F_FFFF)
            #expect(try space.physical(0x40_0002).address == Self.start + 0x20_0002)
            #expect(try space.physical(1 << 30 + 5).address == Self.start + 5)
            #expect(try space.physical(1 << 30 + 5).count == 1 << 30 - 5)
        }

        @Test func addressesThatAreNoAddresses() throws {
            try map([Self.start + 0x9003])
            for address: UInt64 in [1 << 47, 1 << 48, 1 << 63, 0xFFFF_7FFF_FFFF_FFFF] {
                #expect(error(address) == Errno(EFAULT))
            }
            // The upper half begins in the middle of the root table.
            try set(root, 256, Self.start + 0x2003)
            #expect(try space.physical(0xFFFF_8000_0000_0004).address == Self.start + 0x9004)
        }

        @Test(arguments: [0, 0x1000, 0xFFFF_F000, 0x1_0040_0000, 0xF_FFFF_FFFF_F000] as [UInt64])
        func tablesOutsideMemory(_ table: UInt64) throws {
            try set(root, 0, table | 3)
            #expect(error(0) == Errno(EFAULT))
            #expect(error(0x1FF << 30) == Errno(EFAULT))
            let lost = space(root: table)
            #expect(throws: Errno(EFAULT)) { try lost.physical(0) }
        }

        @Test func tablesThatAreTheirOwn() throws {
            try set(root, 0, root | 3)
            #expect(try space.physical(0x10).address == root + 0x10)
        }

        @Test func aLargeRootEntryIsATable() throws {
            // Nothing is that large yet; the bit is reserved.
            try map([Self.start + 0x9003])
            try set(root, 0, Self.start + 0x2083)
            #expect(try space.physical(0).address == Self.start + 0x9000)
        }

        // MARK: Modes

        private func space(
            _ mode: AddressTranslation.Mode = .fourLevels, root: UInt64? = nil
        ) -> AddressSpace<AddressTranslation> {
            AddressSpace(
                memory: memory, translation: AddressTranslation(mode, root: root ?? self.root))
        }

        /// Tables of four levels below one of a fifth, at its first, 256th and last entry.
        private func mapFiveLevels(_ pages: [UInt64]) throws -> AddressSpace<AddressTranslation> {
            try map(pages)
            for index: UInt64 in [0, 255, 256, 511] {
                try set(Self.start + 0x6000, index, root | 3)
            }
            return space(.fiveLevels, root: Self.start + 0x6000)
        }

        @Test("Five levels") func fiveLevels() throws {
            let space = try mapFiveLevels([Self.start + 0x9003])
            for address: UInt64 in [
                0x123, 0x00FF_0000_0000_0123, 0xFF00_0000_0000_0123, 0xFFFF_0000_0000_0123,
            ] {
                #expect(try space.physical(address).address == Self.start + 0x9123)
                #expect(try space.physical(address).count == 0xEDD)
            }
            // Not there, or not in range: bits 57 to 63 are as bit 56.
            for address: UInt64 in [
                1 << 48, 1 << 47, 0x1000, 0x0100_0000_0000_0123, 0x8000_0000_0000_0123,
                0xFE00_0000_0000_0123, 0xFEFF_FFFF_FFFF_FFFF,
            ] {
                #expect(throws: Errno(EFAULT)) { try space.physical(address) }
            }
            // Four levels would have found nothing, or something else.
            let misread = self.space(.fourLevels, root: Self.start + 0x6000)
            #expect((try? misread.physical(0x123).address) != Self.start + 0x9123)
        }

        @Test("Stretches of five levels") func stretchesOfFiveLevels() throws {
            let space = try mapFiveLevels([Self.start + 0x9003, Self.start + 0xA003])
            let places: [UInt64] = [
                0, 0x00FF_0000_0000_0000, 0xFF00_0000_0000_0000, 0xFFFF_0000_0000_0000,
            ]
            #expect(
                space.mappedRanges(upTo: 10)
                    == places.map {
                        .init(address: $0, physical: Self.start + 0x9000, count: 0x2000)
                    })
        }

        @Test("No paging") func noPaging() throws {
            let space = space(.off, root: 0)
            #expect(try space.physical(Self.start + 5).address == Self.start + 5)
            #expect(try space.physical(.max).count == 1)
            let piece = try space.piece(at: Self.start + 0x10, upTo: .max >> 1, for: .read)
            #expect(piece.count == Int(Self.count) - 0x10)
            #expect(throws: Errno(EFAULT)) { try space.piece(at: 0, upTo: 8, for: .read) }
            #expect(space.mappedRanges(upTo: 10).isEmpty)
        }

        @Test("Tables of 32-bit code are refused") func legacyTables() throws {
            try map([Self.start + 0x9003])
            let space = space(.legacy)
            for address: UInt64 in [0, 0x123, Self.start] {
                #expect(throws: Errno(EFAULT)) { try space.physical(address) }
            }
            #expect(space.mappedRanges(upTo: 10).isEmpty)
        }

        // MARK: Pieces

        @Test func piecesOfScatteredBuffers() throws {
            try map([
                Self.start + 0x9003, Self.start + 0xA003, Self.start + 0x8003, 0,
                Self.start + 0xB003,
            ])
            let first = try space.piece(at: 0x10, upTo: 0x10000, for: .read)
            #expect(first.start.value == Self.start + 0x9010 && first.count == 0x1FF0)
            let second = try space.piece(at: 0x2000, upTo: 0x10000, for: .write)
            #expect(second.start.value == Self.start + 0x8000 && second.count == 0x1000)
            let short = try space.piece(at: 0xFF8, upTo: 0x10, for: .read)
            #expect(short.start.value == Self.start + 0x9FF8 && short.count == 0x10)
            #expect(throws: Errno(EFAULT)) {
                try space.piece(at: 0x3000, upTo: 1, for: .read)
            }
        }

        @Test func piecesEndWithMemory() throws {
            try map([Self.start + 0x3F_F003, Self.start + 0x40_0003])
            let piece = try space.piece(at: 0xFF0, upTo: 0x1000, for: .read)
            #expect(piece.count == 0x10)
            #expect(throws: Errno(EFAULT)) { try space.piece(at: 0x1000, upTo: 8, for: .read) }
        }

        @Test func piecesOfHugeBuffers() throws {
            try map([])
            try set(Self.start + 0x2000, 0, Self.start | 0x83)
            let piece = try space.piece(at: 0, upTo: .max, for: .read)
            #expect(piece.count == Int(Self.count))
        }

        @Test("attack 01: Hermit: buffers that wrap around") func piecesDoNotWrapAround() throws {
            // The last page of all, and the first.
            try set(root, 511, Self.start + 0x2003)
            try set(Self.start + 0x2000, 511, Self.start + 0x3003)
            try set(Self.start + 0x3000, 511, Self.start + 0x4003)
            try set(Self.start + 0x4000, 511, Self.start + 0x9003)
            try map([Self.start + 0xA003])
            let piece = try space.piece(at: .max - 7, upTo: 64, for: .read)
            #expect(piece.start.value == Self.start + 0x9FF8 && piece.count == 8)
        }

        // MARK: Physical buffers

        @Test func clamping() throws {
            let end = GuestAddress(Self.start + Self.count - 8)
            #expect(try memory.clamped(end, upTo: 4, for: .read).count == 4)
            #expect(try memory.clamped(end, upTo: 8, for: .read).count == 8)
            #expect(try memory.clamped(end, upTo: 9, for: .read).count == 8)
            #expect(try memory.clamped(end, upTo: UInt64(Int64.max), for: .write).count == 8)
            #expect(throws: Errno(EINVAL)) {
                try memory.clamped(end, upTo: 1 << 63, for: .read)
            }
            for address: UInt64 in [0, Self.start - 1, Self.start + Self.count, .max] {
                #expect(throws: Errno(EFAULT)) {
                    try memory.clamped(GuestAddress(address), upTo: 1, for: .read)
                }
                #expect(try memory.clamped(GuestAddress(address), upTo: 0, for: .read).count == 0)
            }
        }
    }
#endif
