#if Uhyve
    import Linux
    import TestSupport
    import Testing

    @testable import HermitImage
    @testable import Tender
    @testable import Uhyve

    /// Which executables are Hermit guests, and of which versions.
    @Suite struct HermitNoteTests {
        @Test(arguments: [2, 3, 4] as [UInt8]) func entryVersions(_ version: UInt8) throws {
            let notes = try ELFBuilder.hermit(Notes(entry: [version])).open().notes
            #expect(notes.entryVersion == version)
            #expect(notes.interfaceVersion == 1)
            #expect(notes.kernel == nil && notes.isBefore0_10)
        }

        @Test(arguments: [0, 1, 5, 255] as [UInt8]) func otherEntryVersions(_ version: UInt8) throws
        {
            let problem = try ELFBuilder.hermit(Notes(entry: [version])).problem()
            guard case .refused(let why) = problem else {
                Issue.record("\(String(describing: problem))")
                return
            }
            #expect(why.contains("entry version \(version) "))
        }

        @Test(arguments: [1, 2, 3] as [UInt8]) func interfaceVersions(_ version: UInt8) throws {
            let notes = try ELFBuilder.hermit(Notes(interface: [0, 0, 0, version])).open().notes
            #expect(notes.interfaceVersion == UInt32(version))
        }

        @Test(
            arguments: [
                ([0, 0, 0, 0], 0), ([0, 0, 0, 4], 4), ([1, 0, 0, 0], 1 << 24),
                ([255, 255, 255, 255], .max),
            ] as [([UInt8], UInt32)])
        func otherInterfaceVersions(_ content: [UInt8], _ version: UInt32) throws {
            let problem = try ELFBuilder.hermit(Notes(interface: content)).problem()
            guard case .refused(let why) = problem else {
                Issue.record("\(String(describing: problem))")
                return
            }
            #expect(why.contains("interface version \(version) "))
        }

        @Test(
            "attack 21: Hermit: malformed notes",
            arguments: [[], [1], [0, 0, 1], [0, 0, 0, 0, 1]] as [[UInt8]])
        func malformedInterfaceVersions(_ content: [UInt8]) throws {
            #expect(
                try ELFBuilder.hermit(Notes(interface: content)).problem()
                    == .noteSize(note: "uhyve interface"))
        }

        @Test func kernelVersions() throws {
            let kernel = try ELFBuilder.hermit(.v2).open().notes.kernel
            #expect(kernel?.description == "0.13.3")
            for (tag, isOld) in [
                ([6, 0, 9, 9], true), ([6, 0, 10, 0], false), ([6, 1, 0, 0], false),
                // Another system's says nothing.
                ([0, 0, 12, 0], true),
            ] as [([UInt32], Bool)] {
                let notes = try ELFBuilder.hermit(Notes(tag: tag)).open().notes
                #expect(notes.isBefore0_10 == isOld, "\(tag)")
            }
        }

        @Test(arguments: [4, 8, 0, 1] as [UInt64], [true, false])
        func layouts(_ alignment: UInt64, isTogether: Bool) throws {
            var notes = Notes.v3
            notes.isTogether = isTogether
            if alignment == 8 { notes.alignment = 8 }
            var elf = ELFBuilder.hermit(notes)
            for index in elf.parts.indices where elf.parts[index].type == 4 {
                elf.parts[index].alignment = alignment
            }
            let found = try elf.open().notes
            #expect(found.entryVersion == 4 && found.interfaceVersion == 3)
            #expect(found.kernel?.minor == 14)
        }

        @Test func othersNotesDoNotMatter() throws {
            let other = Part.note(name: "Solo5", type: 0x3149_4241, [1, 2, 3, 4])
            let broken = Part(type: 4, [255, 255, 255, 255, 255, 255, 255, 255, 0, 0])
            var elf = ELFBuilder.hermit()
            elf.parts.insert(contentsOf: [other, broken], at: 0)
            #expect(try elf.problem() == nil)
        }

        /// Many program headers, all for the same bytes.
        @Test(arguments: [17, 1000]) func tooMany(_ count: Int) throws {
            let bytes = [UInt8](repeating: 0, count: 1 << 16)
            var parts = [Part(type: 4, bytes)]
            for _ in 1..<count {
                var part = Part(type: 4)
                part.offset = 0x1000
                part.fileSize = 1 << 16
                parts.append(part)
            }
            #expect(
                try ELFBuilder.hermit(.v1, parts).problem()
                    == .refused(why: "its notes (PT_NOTE) take up more than 1048576 bytes"))
            // It is still known for what it is.
            #expect(try recognises(ELFBuilder.hermit(.v1, parts).bytes))
        }

        @Test func manyAreNoHarm() throws {
            let part = Part(type: 4, [UInt8](repeating: 0, count: 1 << 16))
            let parts = [Part](repeating: part, count: 15)
            #expect(try ELFBuilder.hermit(.v1, parts).problem() == nil)
        }

        @Test func noneIsNoHermitGuest() throws {
            let elf = ELFBuilder.hermit(Notes(entry: nil, interface: [0, 0, 0, 1]))
            #expect(
                try elf.problem()
                    == .refused(why: "No Hermit entry note found: not a Hermit guest"))
            // An empty one says nothing.
            let empty = ELFBuilder.hermit(Notes(entry: []))
            #expect(try empty.problem() != nil)
        }

        // MARK: Recognition

        private func recognises(_ bytes: [UInt8]) throws -> Bool {
            let directory = try TemporaryDirectory()
            return HermitImage.recognises(
                try ImageFile(path: try directory.write(bytes, to: "guest")))
        }

        @Test func recognisesItsOwn() throws {
            #expect(try recognises(ELFBuilder.hermit().bytes))
            #expect(try recognises(ELFBuilder.hermit(fixedAt: 0x80_0000).bytes))
            // To be refused with a reason, not to be taken for something else.
            #expect(try recognises(ELFBuilder.hermit(Notes(entry: [1])).bytes))
            #expect(try recognises([0x1F, 0x8B, 8, 0, 0]))
        }

        @Test func recognisesNothingElse() throws {
            #expect(try !recognises(ELFBuilder.guest().bytes))
            for bytes: [UInt8] in [[], [0x7F], [0x1F, 0x8B], Array("#!/bin/sh\n".utf8)] {
                #expect(try !recognises(bytes))
            }
            #expect(try !recognises(Array(ELFBuilder.hermit().bytes.prefix(100))))
        }
    }
#endif
