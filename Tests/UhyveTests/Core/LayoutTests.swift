#if Uhyve
    import Architecture
    import Linux
    import TestSupport
    import Testing

    @testable import HermitImage
    @testable import Tender
    @testable import Uhyve

    /// Where memory and image lie.
    @Suite struct HermitLayoutTests {
        @Test func withoutChance() throws {
            let v1 = try HermitLayout.of(.v1)
            #expect(v1.memory == 0..<64 * mebibyte)
            #expect(v1.image == 0x4_0000..<0x4_3000 && v1.bias == 0x4_0000)
            #expect(v1.stack == 0x3_8000 && v1.rootTable == 0x1_0000)
            #expect(v1.tables.upperBound == v1.stack)
            let v3 = try HermitLayout.of(.v3)
            #expect(v3.memory == 4 * gigabyte..<4 * gigabyte + 64 * mebibyte)
            #expect(v3.image.lowerBound == 4 * gigabyte + 0x4_0000)
        }

        @Test func fixed() throws {
            let layout = try HermitLayout.of(.v1, fixedAt: 0x80_0000, random: 12345)
            #expect(layout.memory.lowerBound == 0 && layout.bias == 0)
            #expect(layout.image == 0x80_0000..<0x80_3000 && layout.stack == 0x7F_8000)
            let high = try HermitLayout.of(.v2, fixedAt: 0x1_0080_0000, random: 12345)
            #expect(high.memory.lowerBound == 4 * gigabyte)
        }

        @Test(arguments: [0, 1, 0xDEAD_BEEF_CAFE, .max] as [UInt64])
        func byChance(_ random: UInt64) throws {
            let v1 = try HermitLayout.of(.v1, random: random)
            #expect(v1.memory.lowerBound % (2 * mebibyte) == 0)
            #expect(v1.memory.upperBound < 3 * gigabyte)
            #expect(v1.image.lowerBound == v1.memory.lowerBound + 0x4_0000)
            let v2 = try HermitLayout.of(.v2, random: random)
            #expect(v2.memory.lowerBound % (2 * mebibyte) == 0)
            #expect(v2.memory.lowerBound >= 4 * gigabyte)
            #expect(v2.memory.upperBound <= 64 * gigabyte)
            // Kernels that may rely on it.
            #expect(try HermitLayout.of(.v1Legacy, random: random).memory.lowerBound == 0)
        }

        @Test func chanceMatters() throws {
            let starts = try (0..<8).map {
                try HermitLayout.of(.v3, random: UInt64($0)).memory.lowerBound
            }
            #expect(Set(starts).count == 8)
        }

        @Test(arguments: [2, 14, 17, 63] as [UInt64]) func badSizes(_ mebibytes: UInt64) {
            #expect(throws: TenderError.self) {
                try HermitLayout.of(memory: mebibytes * mebibyte)
            }
        }

        @Test func limits() throws {
            #expect(
                try HermitLayout.of(.v1, memory: 3 * gigabyte).memory.upperBound == 3 * gigabyte)
            #expect(
                try HermitLayout.of(.v1, memory: 3 * gigabyte, random: 7).memory.lowerBound == 0)
            #expect(throws: TenderError.self) {
                try HermitLayout.of(.v1, memory: 3 * gigabyte + 2 * mebibyte)
            }
            let large = try HermitLayout.of(.v3, memory: 100 * gigabyte, random: 7)
            #expect(large.memory == 4 * gigabyte..<104 * gigabyte)
            for size: UInt64 in [512 * gigabyte, .max - 0x1F_FFFF] {
                #expect(throws: TenderError.self) { try HermitLayout.of(.v3, memory: size) }
            }
        }

        /// Too low for what lies before an image, too high, and below all memory.
        @Test(
            arguments: [
                (.v1, 0x3_F000), (.v1, 0), (.v1, 64 * mebibyte - 0x3000),
                (.v1, 1 << 40), (.v1, .max - 0x3000), (.v3, 0x80_0000),
            ] as [(Notes, UInt64)])
        func misfits(_ notes: Notes, _ address: UInt64) {
            #expect(throws: TenderError.self) { try HermitLayout.of(notes, fixedAt: address) }
        }
    }

    /// The page tables that a guest starts with, as a processor walks them.
    @Suite struct IdentityMapTests {
        private func map(
            _ notes: Notes, fixedAt address: UInt64? = nil, random: UInt64? = nil,
            size: UInt64 = 64 * mebibyte
        ) throws -> (HermitLayout, AddressSpace<AddressTranslation>) {
            let layout = try HermitLayout.of(
                notes, fixedAt: address, memory: size, random: random)
            let memory = try GuestMemory(
                start: GuestAddress(layout.memory.lowerBound), count: size)
            try IdentityMap.build(
                layout, in: memory, coversGigabyte: notes.tag == nil)
            return (
                layout,
                AddressSpace(
                    memory: memory,
                    translation: AddressTranslation(.fourLevels, root: layout.rootTable))
            )
        }

        private func isMapped(_ space: AddressSpace<AddressTranslation>, _ address: UInt64) -> Bool
        {
            (try? space.physical(address))?.address == address
        }

        @Test func legacyMapsTheGigabyte() throws {
            let (_, space) = try map(.v1Legacy, fixedAt: 0x80_0000)
            for address in [0, 0x1234, 0x80_0000, 512 * mebibyte, gigabyte - 1] {
                #expect(isMapped(space, address), "\(hexadecimal(address))")
            }
            #expect(!isMapped(space, gigabyte))
        }

        @Test func legacyMapsTheGigabyteOfTheImage() throws {
            let (_, space) = try map(
                .v1Legacy, fixedAt: gigabyte + 0x80_0000, size: 2 * gigabyte)
            #expect(isMapped(space, 0) && isMapped(space, 2 * gigabyte - 1))
            #expect(!isMapped(space, 2 * gigabyte))
        }

        @Test(arguments: [nil, 77, 4242] as [UInt64?]) func others(_ random: UInt64?) throws {
            for notes in [Notes.v1, .v3] {
                let (layout, space) = try map(notes, random: random)
                let start = layout.memory.lowerBound
                #expect(isMapped(space, start) && isMapped(space, layout.image.upperBound))
                #expect(isMapped(space, start + 2 * mebibyte - 1))
                #expect(!isMapped(space, start + 2 * mebibyte))
                if start > 0 { #expect(!isMapped(space, start - 1)) }
            }
        }

        @Test func theEndsPageIsMapped() throws {
            // The image ends where a page does.
            let (layout, space) = try map(.v1, fixedAt: 0x7F_D000)
            #expect(layout.image.upperBound == 0x80_0000)
            #expect(isMapped(space, 0x9F_FFFF) && !isMapped(space, 0xA0_0000))
        }

        @Test func flagsAndTheRecursiveSlot() throws {
            let (layout, space) = try map(.v1Legacy, fixedAt: 0x80_0000)
            func entry(_ address: UInt64) throws -> UInt64 {
                try space.memory.load(UInt64.self, at: GuestAddress(address))
            }
            #expect(try entry(0x1_0000) == 0x1_1003)
            #expect(try entry(0x1_1000) == 0x1_2003)
            #expect(try entry(0x1_2000) == 0x83)
            #expect(try entry(0x1_2000 + 511 * 8) == 511 << 21 | 0x83)
            #expect(try entry(0x1_0000 + 511 * 8) == 0x1_0003)
            // Its own tables, through itself.
            let table = try space.physical(0xFFFF_FFFF_FFFF_F000)
            #expect(table.address == layout.rootTable && table.count == 4096)
        }

        @Test func tooLargeForTheTables() throws {
            #expect(throws: TenderError.self) {
                try map(.v3, fixedAt: 60 * gigabyte, size: 100 * gigabyte)
            }
            let (_, space) = try map(.v3, fixedAt: 30 * gigabyte, size: 100 * gigabyte)
            #expect(isMapped(space, 30 * gigabyte))
        }
    }
#endif
