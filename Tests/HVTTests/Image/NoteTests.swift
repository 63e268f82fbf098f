import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// How the two notes are found, and how much of them is believed (solo5-hvt specification, 2.2).
struct NoteTests {
    static let tooSmall = ImageError.Problem.notExecutable(
        why: "a note segment is too small for a note")

    private func guest(_ change: (inout [Part]) -> Void) -> ELFBuilder {
        var elf = ELFBuilder.guest()
        change(&elf.parts)
        return elf
    }

    // MARK: Finding

    @Test func refusesWithoutABINote() throws {
        let elf = guest { $0.remove(at: GuestPart.abiNote) }
        #expect(try problem(with: elf) == .noABINote)
    }

    @Test func refusesWithoutManifestNote() throws {
        let elf = guest { $0.remove(at: GuestPart.manifestNote) }
        #expect(try problem(with: elf) == .noManifestNote)
    }

    @Test func orderDoesNotMatter() throws {
        let elf = guest { $0.swapAt(GuestPart.abiNote, GuestPart.manifestNote) }
        #expect(try problem(with: elf) == nil)
    }

    @Test func firstOfAKindCounts() throws {
        var elf = guest { $0.append(.abiNote(target: 2)) }
        #expect(try problem(with: elf) == nil)
        elf = guest { $0.insert(.abiNote(target: 2), at: 0) }
        #expect(try problem(with: elf) == .target(name: "spt"))
    }

    /// Each segment counts as one note; what follows in the same segment is not looked at.
    @Test func secondNoteInASegmentDoesNotCount() throws {
        let elf = guest {
            let abi = $0.remove(at: GuestPart.abiNote)
            $0[GuestPart.otherNote].bytes += abi.bytes
        }
        #expect(try problem(with: elf) == .noABINote)
    }

    @Test(arguments: ["solo5", "Solo6", "XSolo", "Solo"])
    func skipsOtherNames(_ name: String) throws {
        let elf = guest {
            $0[GuestPart.abiNote] = .note(
                name: name, nameSize: 6, type: 0x3149_4241, [UInt8](repeating: 1, count: 16))
        }
        #expect(try problem(with: elf) == .noABINote)
    }

    @Test(arguments: [0, 5, 7, 8, .max] as [UInt32])
    func skipsOtherNameSizes(_ size: UInt32) throws {
        let elf = guest {
            $0[GuestPart.abiNote] = .note(
                nameSize: size, type: 0x3149_4241, [UInt8](repeating: 1, count: 16))
        }
        #expect(try problem(with: elf) == .noABINote)
    }

    @Test func skipsOtherTypes() throws {
        let elf = guest {
            $0[GuestPart.abiNote] = .note(type: 0x3149_4242, [UInt8](repeating: 1, count: 16))
        }
        #expect(try problem(with: elf) == .noABINote)
    }

    // MARK: Sizes of segments

    @Test(arguments: [0, 11])
    func refusesSegmentTooSmallForAnyNote(_ size: UInt64) throws {
        let elf = guest { $0[GuestPart.otherNote].fileSize = size }
        #expect(try problem(with: elf) == Self.tooSmall)
    }

    @Test(arguments: [12, 19])
    func skipsSegmentTooSmallForOurNotes(_ size: UInt64) throws {
        #expect(try problem(with: guest { $0[GuestPart.otherNote].fileSize = size }) == nil)
        // Even if it is one of ours.
        #expect(try problem(with: guest { $0[GuestPart.abiNote].fileSize = size }) == .noABINote)
    }

    /// A note's header, and nothing behind it.
    @Test func refusesSegmentWithoutRoomForContent() throws {
        #expect(try problem(with: guest { $0[GuestPart.otherNote].fileSize = 20 }) == nil)
        #expect(
            try problem(with: guest { $0[GuestPart.abiNote].fileSize = 20 })
                == .noteSize(note: "ABI1"))
    }

    /// Notes behind the ones that were looked for are not read.
    @Test func smallSegmentBehindBothNotesIsNotSeen() throws {
        var elf = ELFBuilder.guest()
        elf.parts.append(Part(type: 4, [1]))
        #expect(try problem(with: elf) == nil)
    }

    @Test(arguments: [1 << 40, UInt64(Int64.max), .max - 19, .max])
    func refusesSegmentOutsideTheFile(_ offset: UInt64) throws {
        let elf = guest { $0[GuestPart.otherNote].offset = offset }
        #expect(try problem(with: elf) == .truncated(what: "a note"))
    }

    @Test func refusesContentOutsideTheFile() throws {
        let bytes = ELFBuilder.guest().bytes
        #expect(
            try problem(withFile: bytes.dropLast()) == .truncated(what: "the MFT1 note"))
    }

    // MARK: Sizes of contents

    /// A manifest note has 4 bytes of padding before its content; they count.
    @Test(arguments: [0, 1, 4] as [UInt32])
    func refusesManifestNoteWithoutContent(_ size: UInt32) throws {
        let elf = guest {
            $0[GuestPart.manifestNote] = .note(
                type: 0x3154_464D, descriptionSize: size, padding: 4, Part.manifest())
        }
        #expect(try problem(with: elf) == .noteSize(note: "MFT1"))
        #expect(
            ImageError(path: "g", problem: .noteSize(note: "MFT1")).description
                == "g: MFT1 note does not fall within valid size")
    }

    @Test(arguments: [0, 1, 7, 33, .max] as [UInt32])
    func refusesABINoteOfOddSize(_ size: UInt32) throws {
        let elf = guest {
            $0[GuestPart.abiNote] = .note(
                type: 0x3149_4241, descriptionSize: size,
                littleEndian(1 as UInt32) + littleEndian(2 as UInt32)
                    + [UInt8](repeating: 0, count: 40))
        }
        #expect(try problem(with: elf) == .noteSize(note: "ABI1"))
    }

    @Test(arguments: [8, 16, 32] as [UInt32])
    func acceptsABINoteOfSize(_ size: UInt32) throws {
        let elf = guest {
            $0[GuestPart.abiNote] = .note(
                type: 0x3149_4241, descriptionSize: size,
                littleEndian(1 as UInt32) + littleEndian(2 as UInt32)
                    + [UInt8](repeating: 0xFF, count: 24))
        }
        #expect(try problem(with: elf) == nil)
    }

    @Test func refusesManifestNoteLargerThanAnyManifest() throws {
        let elf = guest {
            $0[GuestPart.manifestNote] = .note(
                type: 0x3154_464D, padding: 4, [UInt8](repeating: 0, count: 6669 - 4))
        }
        #expect(try problem(with: elf) == .noteSize(note: "MFT1"))
    }

    @Test("attack 21: notes larger than they are") func refusesNoteLargerThanItsSegment() throws {
        let elf = guest {
            $0[GuestPart.abiNote].fileSize = UInt64($0[GuestPart.abiNote].bytes.count - 1)
        }
        #expect(try problem(with: elf) == .noteSize(note: "ABI1"))
    }

    // MARK: Targets and versions

    @Test(arguments: [1, 2] as [UInt32])
    func acceptsVersion(_ version: UInt32) throws {
        #expect(try problem(with: .guest(version: version)) == nil)
    }

    @Test(arguments: [0, 3, 256, .max] as [UInt32])
    func refusesVersion(_ version: UInt32) throws {
        #expect(try problem(with: .guest(version: version)) == .abiVersion(version))
    }

    @Test(
        arguments: [
            (0, "unknown (0)"), (2, "spt"), (3, "virtio"), (4, "muen"), (5, "genode"), (6, "xen"),
            (7, "unknown (7)"), (0x101, "unknown (257)"), (.max, "unknown (4294967295)"),
        ] as [(UInt32, String)])
    func refusesTarget(_ target: UInt32, name: String) throws {
        let elf = guest { $0[GuestPart.abiNote] = .abiNote(target: target) }
        #expect(try problem(with: elf) == .target(name: name))
    }

    /// To be looked at, a guest need not be one that runs here.
    @Test func inspectsGuestsOfOtherTargets() throws {
        let directory = try TemporaryDirectory()
        let elf = guest { $0[GuestPart.abiNote] = .abiNote(target: 6, version: 9) }
        let image = try HVTImage(inspecting: ImageFile(path: elf.write(to: directory)))
        #expect(image.abi == GuestABI(target: 6, version: 9))
        #expect(image.abi.targetName == "xen")
    }
}
