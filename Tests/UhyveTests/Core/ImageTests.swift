#if Uhyve
    import Linux
    import TestSupport
    import Testing

    @testable import HermitImage
    @testable import Tender
    @testable import Uhyve

    /// What an image must be like to be loaded.
    @Suite struct HermitImageTests {
        private func refusal(_ change: (inout ELFBuilder) -> Void) throws -> ImageError.Problem? {
            var elf = ELFBuilder.hermit()
            change(&elf)
            return try elf.problem()
        }

        @Test func rangeAndEntry() throws {
            let image = try ELFBuilder.hermit(fixedAt: 0x80_0000).open()
            #expect(image.linkedRange == 0x80_0000..<0x80_3000)
            #expect(!image.isRelocatable && image.threadLocal == nil)
            #expect(image.dynamic.relocations.isEmpty)
            #expect(try ELFBuilder.hermit().open().isRelocatable)
        }

        @Test func headers() throws {
            for type: UInt16 in [0, 1, 4] {
                guard case .notExecutable = try refusal({ $0.header.type = type }) else {
                    Issue.record("type \(type)")
                    continue
                }
            }
            #expect(
                try refusal { $0.header.machine = 40 }
                    == .notExecutable(why: "for another processor"))
            #expect(try refusal { $0.header.programHeaderCount = 0 } != nil)
            #expect(try refusal { $0.header.programHeaderOffset = .max } != nil)
        }

        @Test("attack 20: Hermit: segments that break the rules") func segments() throws {
            #expect(
                try refusal { $0.parts[1].memorySize = 0x7FF }
                    == .segment(index: 1, why: "it is smaller in memory than in the file"))
            #expect(
                try refusal { $0.parts[1].address = .max }
                    == .segment(index: 1, why: "it ends beyond all memory"))
            #expect(
                try refusal { $0.parts[1].offset = .max } == .truncated(what: "a segment"))
            #expect(
                try refusal { $0.parts[1].offset = 0x1_0000 } == .truncated(what: "a segment"))
            // Overlap, and disorder.
            #expect(try refusal { $0.parts[1].address = 3 } != nil)
            #expect(
                try refusal { $0.parts.swapAt(0, 1) }
                    == .segment(index: 1, why: "start 0x0 lies in or below the segment before"))
            #expect(
                try refusal { $0.parts.removeAll { $0.type == 1 } }
                    == .refused(why: "it has nothing to load"))
        }

        @Test func emptySegmentsDoNotCount() throws {
            let problem = try refusal { $0.parts.insert(.segment(Part.read, at: 0, []), at: 2) }
            #expect(problem == nil)
        }

        @Test(arguments: [0x3000, .max] as [UInt64]) func entryOutside(_ entry: UInt64) throws {
            #expect(
                try refusal { $0.header.entry = entry }
                    == .refused(why: "entry point \(hexadecimal(entry)) is outside the image"))
        }

        @Test func threadLocalStorage() throws {
            let part = Part(
                type: 7, flags: 4, address: 0x2100, memorySize: 0x40, alignment: 16,
                [UInt8](repeating: 1, count: 0x10))
            let image = try ELFBuilder.hermit(.v1, [part]).open()
            #expect(image.threadLocal?.address == 0x2100)
            for (address, fileSize, memorySize) in [
                (0x2FF8, 0x10, 0x40), (.max, 0x10, 0x40), (0x2100, 0x10, 8),
            ] as [(UInt64, UInt64, UInt64)] {
                var wrong = part
                (wrong.address, wrong.fileSize, wrong.memorySize) = (address, fileSize, memorySize)
                #expect(
                    try ELFBuilder.hermit(.v1, [wrong]).problem()
                        == .refused(why: "thread-local storage is outside the image"))
            }
        }

        // MARK: Loading

        @Test(arguments: [nil, 0x80_0000] as [UInt64?]) func loads(fixedAt address: UInt64?) throws
        {
            var elf = ELFBuilder.hermit(.v1, fixedAt: address)
            elf.parts[1].bytes = Array("data".utf8)
            let image = try elf.open()
            let layout = try HermitLayout(image, memorySize: 16 * mebibyte, random: nil)
            let memory = try GuestMemory(count: 16 * mebibyte)
            try image.load(into: memory, bias: layout.bias)
            let start = address ?? 0x4_0000
            #expect(layout.image == start..<start + 0x3000)
            #expect(try bytes(memory, start, 6) == Array("text".utf8) + [0, 0])
            #expect(try bytes(memory, start + 0x2000, 6) == Array("data".utf8) + [0, 0])
        }

        @Test func doesNotLoadBeyondMemory() throws {
            let image = try ELFBuilder.hermit().open()
            let memory = try GuestMemory(count: mebibyte)
            #expect(throws: TenderError.self) { try image.load(into: memory, bias: mebibyte) }
            #expect(throws: TenderError.self) { try image.load(into: memory, bias: .max) }
            #expect(throws: TenderError.self) {
                try image.load(into: memory, bias: mebibyte - 0x2400)
            }
        }

        @Test func describesItself() throws {
            let description = try ELFBuilder.hermit(.v3).open().description()
            #expect(description.objection == nil)
            let text = description.report.text
            for line in [
                "kernel             Hermit 0.14.0", "entry version      4",
                "interface version  3", "address            any",
            ] {
                #expect(text.contains("  \(line)\n"), "\(text)")
            }
            let json = description.report.json.line
            for member in [
                #""kernel": "0.14.0""#, #""entryVersion": 4"#, #""interfaceVersion": 3"#,
                #""address": null"#,
            ] {
                #expect(json.contains(member), "\(json)")
            }
        }
    }
#endif
