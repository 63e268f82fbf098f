import Testing

@testable import Architecture

/// Translation with 4 KiB pages (Arm ARM, D8.2 and D8.3).
@Suite("How addresses are translated on aarch64") struct AArch64TranslationTests {
    /// TCR_EL1 of hvt guests: 40 bits for each half, 4 KiB pages, TBI0.
    private static let control: UInt64 = 0x32_B518_3518

    private static func translation(
        sctlr: UInt64 = 1, tcr: UInt64 = control
    ) -> AArch64.AddressTranslation {
        AArch64.AddressTranslation(
            sctlr: sctlr, tcr: tcr, ttbr0: 0x5A_0000_0000_1000, ttbr1: 0x8001)
    }

    /// Tables for the lower half at 0x1000, for the upper at 0x8000.
    private static let tables: [UInt64: UInt64] = [
        0x1000: 0x2003, 0x1008: 0x2003,
        // A block of 1 GiB, and a table of blocks of 2 MiB.
        0x2020: 0x0060_0001_0000_0705, 0x2000: 0x3003,
        0x3008: 0x0040_0000_0020_0711, 0x3000: 0x7003,
        // A page; what looks like a block is none on the last level.
        0x7088: 0x0060_0000_0001_1793, 0x7090: 0x0060_0000_0001_2791,
        0x8000: 0x9003, 0x9000: 0xA003, 0xA000: 0xB003, 0xB000: 0x0040_0000_000C_0793,
    ]

    private func translate(
        _ address: UInt64, _ translation: AArch64.AddressTranslation = translation()
    ) -> (address: UInt64, count: UInt64)? {
        translation.physical(address) { (place) throws(Never) in Self.tables[place] ?? 0 }
    }

    @Test(
        arguments: [
            (0x1_1234, 0x1_1234, 0xDCC), (0x20_0010, 0x20_0010, 0x1F_FFF0),
            (0x1_0000_0008, 0x1_0000_0008, 0x3FFF_FFF8),
            // The top byte is ignored below; the root table has two entries.
            (0xAB00_0000_0001_1234, 0x1_1234, 0xDCC), (0x80_0000_0000 + 0x1_1234, 0x1_1234, 0xDCC),
            (0xFFFF_FF00_0000_0010, 0xC_0010, 0xFF0),
        ] as [(UInt64, UInt64, UInt64)])
    func mapped(_ address: UInt64, _ physical: UInt64, _ count: UInt64) throws {
        let found = try #require(translate(address))
        #expect(found.address == physical && found.count == count)
    }

    @Test(
        arguments: [
            0x0, 0x1_2000, 0x40_0000, 0x4000_0000, 0x100_0000_0000, 0xFFFF_FE00_0000_0000,
            0xFFFF_FF00_0000_1000, 0xABFF_FF00_0000_0010,
        ] as [UInt64])
    func unmapped(_ address: UInt64) {
        #expect(translate(address) == nil)
    }

    /// Off: addresses are physical. EPD0, EPD1, other page sizes: nothing is read.
    @Test func modes() throws {
        let off = try #require(translate(0x1_2345, Self.translation(sctlr: 0x1004)))
        #expect(off.address == 0x1_2345 && off.count > 0)
        #expect(translate(0x1_1234, Self.translation(tcr: Self.control | 1 << 7)) == nil)
        #expect(
            translate(0xFFFF_FF00_0000_0010, Self.translation(tcr: Self.control | 1 << 23)) == nil)
        #expect(translate(0x1_1234, Self.translation(tcr: Self.control | 1 << 14)) == nil)
        // T0SZ below 16, and of all ones.
        #expect(translate(0x1_1234, Self.translation(tcr: Self.control & ~0x3F | 15)) == nil)
        #expect(translate(0x1_1234, Self.translation(tcr: Self.control | 0x3F)) == nil)
    }

    @Test func allPages() {
        var pages: [MappedRange] = []
        Self.translation().forEachPage(entry: { Self.tables[$0] ?? 0 }) {
            pages.append($0)
            return true
        }
        // The lower half twice, for both entries of its root table.
        let lower: [(UInt64, UInt64, UInt64)] = [
            (0x1_1000, 0x1_1000, 0x1000), (0x20_0000, 0x20_0000, 0x20_0000),
            (0x1_0000_0000, 0x1_0000_0000, 0x4000_0000),
        ]
        let all =
            lower + lower.map { ($0.0 + 0x80_0000_0000, $0.1, $0.2) }
            + [(0xFFFF_FF00_0000_0000, 0xC_0000, 0x1000)]
        #expect(pages == all.map { MappedRange(address: $0.0, physical: $0.1, count: $0.2) })
    }

    @Test("attack 1: tables that refer to each other end the walk, not the tender")
    func loops() {
        var count = 0
        Self.translation().forEachPage(entry: { $0 & ~0xFFF | 3 }) { _ in
            count += 1
            return true
        }
        Self.translation().forEachPage(entry: { $0 & 8 == 0 ? 0x1003 : 0x2003 }) { _ in
            count += 1
            return true
        }
        #expect(count < 1 << 19)
    }

    @Test func physicalSizes() {
        for (range, size) in [(0, 0), (1, 1), (2, 2), (5, 2), (6, 2)] as [(UInt64, UInt64)] {
            let features = 0x1122_0000 | range
            let field = AArch64.TranslationControl.physicalSize(memoryFeatures: features)
            #expect(field == size << 32)
        }
    }
}
