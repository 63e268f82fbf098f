import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// Which segments are loaded, and where (solo5-hvt specification, 2.3 and 2.4).
struct SegmentTests {
    @Test func laysOutGuest() throws {
        let found = try segments(of: .guest())
        #expect(found.map { $0.start } == [0x10_0000, 0x10_1000, 0x10_2000])
        #expect(found.map { $0.end } == [0x10_1000, 0x10_2000, 0x10_4000])
        #expect(found.map { $0.fileSize } == [1, 9, 4])
        #expect(found.map { $0.isWritable } == [false, false, true])
        #expect(found.map { $0.isExecutable } == [true, false, false])
        // The host never executes what a guest can, so it must be able to read it.
        #expect(found.map { $0.isReadable } == [true, true, true])
    }

    @Test(
        arguments: [
            (0, false, false, false), (Part.read, true, false, false),
            (Part.write, false, true, false), (Part.read | Part.write, true, true, false),
            (Part.execute, true, false, true), (Part.read | Part.execute, true, false, true),
            // Bits that mean something to an operating system.
            (0xFFF0_0000 | Part.read, true, false, false),
        ] as [(UInt32, Bool, Bool, Bool)])
    func hasPermissions(_ flags: UInt32, readable: Bool, writable: Bool, executable: Bool) throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.readOnlyData].flags = flags
        let segment = try segments(of: elf)[1]
        #expect(segment.isReadable == readable)
        #expect(segment.isWritable == writable)
        #expect(segment.isExecutable == executable)
    }

    // MARK: What is accepted

    @Test func segmentMayEndWithMemory() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.data].memorySize = 0xFE000
        elf.parts[GuestPart.zeros].memorySize = 0
        let found = try segments(of: elf, memory: 2 * mebibyte)
        #expect(found.last?.end == 2 * mebibyte)
    }

    @Test func slackMayBeginInsideAPage() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.data].address = 0x10_2FF0
        let segment = try segments(of: elf)[2]
        #expect(segment.start == 0x10_2000 && segment.address == 0x10_2FF0)
        #expect(segment.end == 0x10_5000)
    }

    @Test func largeAlignmentIsFine() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.data].address = 0x20_0010
        elf.parts[GuestPart.data].alignment = 2 << 20
        elf.parts[GuestPart.zeros].address = 0x40_0000
        let segment = try segments(of: elf)[2]
        #expect(segment.start == 0x20_0000 && segment.end == 0x40_0000)
    }

    /// An alignment below a page is fine where nothing depends on it.
    @Test func smallAlignmentOfWholePagesIsFine() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.data].alignment = 1
        elf.parts[GuestPart.data].memorySize = 0x2000
        #expect(try problem(with: elf) == nil)
    }

    @Test func segmentsMayTouch() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.text].memorySize = 0x1000
        elf.parts[GuestPart.readOnlyData].memorySize = 0x1000
        #expect(try problem(with: elf) == nil)
    }

    // MARK: Segments that are zeros only

    /// Linkers make such a segment of an empty section; nothing about it means anything.
    @Test func skipsEmptySegment() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.empty].address = .max
        elf.parts[GuestPart.empty].alignment = 3
        elf.parts[GuestPart.empty].flags = Part.write | Part.execute
        #expect(try segments(of: elf).count == 3)
    }

    @Test func zerosMayEndWithMemory() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.zeros].memorySize = 2 * mebibyte - 0x10_4000
        #expect(try problem(with: elf, memory: 2 * mebibyte) == nil)
        elf.parts[GuestPart.zeros].memorySize = 2 * mebibyte - 0x10_4000 + 1
        #expect(try problem(with: elf, memory: 2 * mebibyte)?.isSegment(GuestPart.zeros) == true)
    }

    @Test func zerosMustNotWrapAround() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.zeros].memorySize = .max - 0x1000
        #expect(try problem(with: elf)?.isSegment(GuestPart.zeros, "beyond guest memory") == true)
    }

    @Test(arguments: [0, 0xF_F000, 0xF_FFFF] as [UInt64])
    func zerosMustNotBeLow(_ address: UInt64) throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.zeros].address = address
        #expect(try problem(with: elf)?.isSegment(GuestPart.zeros, "is below 0x100000") == true)
    }

    @Test func zerosMustNotBeWritableAndExecutable() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.zeros].flags = 7
        #expect(
            try problem(with: elf)?.isSegment(GuestPart.zeros, "both writable and executable")
                == true)
    }
}

extension ImageError.Problem {
    /// Whether it is about program header `index`, and its sentence has these words.
    func isSegment(_ index: Int, _ words: String = "") -> Bool {
        guard case .segment(index, let why) = self else { return false }
        return words.isEmpty || why.contains(words)
    }
}
