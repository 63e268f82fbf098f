#if Uhyve
    import Linux
    import TestSupport
    import Testing

    @testable import HermitImage
    @testable import Tender
    @testable import Uhyve

    /// Relocatable images: their dynamic section, and what loading does to them.
    @Suite struct RelocationTests {
        /// Where the tables are, and what there is to relocate. All in the second segment.
        private enum Place {
            static let target: UInt64 = 0x2000
            static let relocations: UInt64 = 0x2100
            static let symbols: UInt64 = 0x2400
            static let segment: UInt64 = 0x2000
        }

        private struct Relocation {
            var target = Place.target
            var kind: UInt32
            var symbol: UInt32 = 0
            var addend: UInt64 = 0

            var bytes: [UInt8] {
                littleEndian(target) + littleEndian(UInt64(symbol) << 32 | UInt64(kind))
                    + littleEndian(addend)
            }
        }

        /// Value, binding and section.
        private typealias Symbol = (value: UInt64, binding: UInt8, section: UInt16)

        private static let bias: UInt64 = 0x4_0000
        private static let symbols: [Symbol] = [
            (0, 0, 0), (0x1230, 1, 1), (0, 2, 0), (0x5, 2, 1), (0, 1, 0),
        ]

        /// - Parameter tags: instead of those that fit.
        private func image(
            _ relocations: [Relocation], tags: [(UInt64, UInt64)]? = nil
        ) throws -> HermitImage {
            let tags =
                tags ?? [
                    (7, Place.relocations), (8, UInt64(relocations.count * 24)), (9, 24),
                    (6, Place.symbols), (11, 24), (0, 0),
                    // Beyond the end: not there.
                    (1, 1),
                ]
            let dynamic = tags.flatMap { littleEndian($0.0) + littleEndian($0.1) }
            var elf = ELFBuilder.hermit(.v1, [Part(type: 2, address: 0x2600, dynamic)])
            let symbols = Self.symbols.flatMap { symbol in
                [0, 0, 0, 0, symbol.binding << 4, 0] as [UInt8] + littleEndian(symbol.section)
                    + littleEndian(symbol.value) + littleEndian(UInt64(0))
            }
            place(relocations.flatMap(\.bytes), at: Place.relocations, &elf)
            place(symbols, at: Place.symbols, &elf)
            place([UInt8](repeating: 0xEE, count: 8), at: Place.target, &elf)
            return try elf.open()
        }

        private func place(_ bytes: [UInt8], at address: UInt64, _ elf: inout ELFBuilder) {
            for (index, byte) in bytes.enumerated() {
                elf.parts[1].bytes[Int(address - Place.segment) + index] = byte
            }
        }

        private func load(_ image: HermitImage) throws -> GuestMemory {
            let memory = try GuestMemory(count: mebibyte)
            try image.load(into: memory, bias: Self.bias)
            return memory
        }

        /// What is at the target when an image with this relocation has been loaded.
        private func result(_ relocation: Relocation) throws -> UInt64 {
            let memory = try load(try image([relocation]))
            return try memory.load(UInt64.self, at: GuestAddress(Self.bias + Place.target))
        }

        private func why(_ image: HermitImage) -> String? {
            do {
                _ = try load(image)
                return nil
            } catch {
                return "\(error)"
            }
        }

        @Test func kinds() throws {
            let bias = Self.bias
            #expect(try result(Relocation(kind: 8, addend: 0x10)) == bias + 0x10)
            #expect(try result(Relocation(kind: 8, addend: .max)) == bias - 1)
            for kind: UInt32 in [1, 6] {
                #expect(
                    try result(Relocation(kind: kind, symbol: 1, addend: 4)) == bias + 0x1234)
                #expect(try result(Relocation(kind: kind, symbol: 3)) == bias + 5)
                // Weak and undefined: left alone.
                let untouched: UInt64 = 0xEEEE_EEEE_EEEE_EEEE
                #expect(try result(Relocation(kind: kind, symbol: 2, addend: 4)) == untouched)
            }
        }

        @Test func all() throws {
            let relocations = (0..<8).map {
                Relocation(target: 0x2800 + UInt64($0) * 8, kind: 8, addend: UInt64($0))
            }
            let memory = try load(try image(relocations))
            for index: UInt64 in 0..<8 {
                let address = GuestAddress(Self.bias + 0x2800 + index * 8)
                #expect(try memory.load(UInt64.self, at: address) == Self.bias + index)
            }
        }

        @Test(arguments: [0, 2, 5, 7, 37, .max] as [UInt32]) func otherKinds(_ kind: UInt32) throws
        {
            let image = try image([Relocation(kind: 8), Relocation(kind: kind)])
            #expect(
                why(image)?.hasSuffix("relocation 1 is of type \(kind), which is not supported")
                    == true)
        }

        @Test(
            "attack 20: Hermit: relocations outside the image",
            arguments: [0x2FF9, 0x3000, .max, .max - 7, 0 &- bias] as [UInt64])
        func targetsOutside(_ target: UInt64) throws {
            let image = try image([Relocation(target: target, kind: 8)])
            #expect(why(image)?.contains("\(hexadecimal(target)) is outside the image") == true)
        }

        @Test(arguments: [4, 1 << 20, .max] as [UInt32]) func badSymbols(_ symbol: UInt32) throws {
            #expect(why(try image([Relocation(kind: 1, symbol: symbol)])) != nil)
        }

        /// A relocation of a relocation changes memory, not what is still to be done.
        @Test func tablesThatAreTargets() throws {
            let relocations = [
                Relocation(target: Place.relocations + 24, kind: 8, addend: 0x7777_7777),
                Relocation(kind: 8, addend: 1),
            ]
            let memory = try load(try image(relocations))
            let address = GuestAddress(Self.bias + Place.target)
            #expect(try memory.load(UInt64.self, at: address) == Self.bias + 1)
        }

        @Test func fixedImagesAreNotRelocated() throws {
            let dynamic = ([7, 0x9999_9999, 8, 24] as [UInt64]).flatMap { littleEndian($0) }
            let image = try ELFBuilder.hermit(
                .v1, fixedAt: 0x4_0000, [Part(type: 2, dynamic)]
            ).open()
            try image.load(into: try GuestMemory(count: mebibyte), bias: 0)
        }

        // MARK: The dynamic section

        private func problem(_ tags: [(UInt64, UInt64)]) throws -> String? {
            do {
                _ = try image([Relocation(kind: 8)], tags: tags)
                return nil
            } catch {
                guard let error = error as? ImageError, case .refused(let why) = error.problem
                else { throw error }
                return why
            }
        }

        @Test func refusals() throws {
            #expect(try problem([(1, 5)])?.contains("DT_NEEDED") == true)
            #expect(try problem([(17, 0x2100), (18, 16)])?.contains("DT_REL ") == true)
            #expect(try problem([(36, 0x2100), (35, 8)])?.contains("DT_RELR") == true)
            #expect(try problem([(7, 0x2100), (8, 24), (9, 16)]) != nil)
            #expect(try problem([(6, 0x2100), (11, 16)]) != nil)
            #expect(try problem([(7, 0x2100), (8, 25)]) != nil)
            #expect(try problem([(8, 24)]) != nil)
            // Empty tables are none.
            #expect(try problem([(17, 0x2100), (18, 0), (8, 0), (35, 0), (5, 1), (30, 8)]) == nil)
        }

        @Test(arguments: [0, 0x2FF8, 0x3000, .max] as [UInt64])
        func tablesOutside(_ address: UInt64) throws {
            let image = try image([], tags: [(7, address), (8, 0x3018)])
            #expect(why(image)?.contains("outside the image") == true)
        }

        @Test func hugeTables() throws {
            for size: UInt64 in [.max - 15, 24 << 50, 24 << 32] {
                let size = size / 24 * 24
                let image = try image([], tags: [(7, 0x2100), (8, size)])
                #expect(why(image) != nil)
            }
        }

        @Test func symbolsOutside() throws {
            for symbols: UInt64? in [nil, .max, 0x2FF0] {
                var tags: [(UInt64, UInt64)] = [(7, Place.relocations), (8, 24)]
                if let symbols { tags.append((6, symbols)) }
                let image = try image([Relocation(kind: 6, symbol: 1)], tags: tags)
                #expect(why(image) != nil)
            }
        }

        @Test func tablesOfProcedureLinkage() throws {
            let image = try image(
                [Relocation(kind: 8, addend: 9)], tags: [(23, Place.relocations), (2, 24)])
            let memory = try load(image)
            let address = GuestAddress(Self.bias + Place.target)
            #expect(try memory.load(UInt64.self, at: address) == Self.bias + 9)
        }
    }
#endif
