import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// The rules for segments (solo5-hvt specification, 2.3): each one broken alone, and kept as
/// narrowly as can be.
struct SegmentRuleTests {
    struct Defect: CustomTestStringConvertible {
        let testDescription: String
        let words: String
        var part = GuestPart.data
        let apply: @Sendable (inout Part) -> Void

        init(
            _ description: String, _ words: String, part: Int = GuestPart.data,
            _ apply: @escaping @Sendable (inout Part) -> Void
        ) {
            testDescription = description
            self.words = words
            self.part = part
            self.apply = apply
        }
    }

    static let defects = [
        Defect("below the lowest address", "is below 0x100000", part: GuestPart.text) {
            $0.address = 0xF_F000
        },
        Defect("at address 0", "is below 0x100000", part: GuestPart.text) { $0.address = 0 },
        Defect("not in order", "is below the segment before") { $0.address = 0x10_0800 },
        Defect("no alignment", "not a power of two") { $0.alignment = 0 },
        Defect("alignment of 3 pages", "not a power of two") { $0.alignment = 0x3000 },
        Defect("every bit an alignment", "not a power of two") { $0.alignment = .max },
        Defect("over the segment before", "overlaps") { $0.address = 0x10_1800 },
        Defect("alignment over the segment before", "overlaps") { $0.alignment = 0x4000 },
        Defect("alignment over low memory", "overlaps", part: GuestPart.text) {
            $0.alignment = 0x20_0000
        },
        Defect("smaller in memory", "smaller in memory than in the file") { $0.memorySize = 3 },
        Defect("nothing in memory", "smaller in memory than in the file") { $0.memorySize = 0 },
        Defect("one page too far", "beyond guest memory") { $0.memorySize = 0xEF_E001 },
        Defect("address behind memory", "beyond guest memory") { $0.address = 16 * mebibyte },
        Defect("address far behind memory", "beyond guest memory") { $0.address = 1 << 63 },
        Defect("end wraps around", "beyond guest memory") { $0.memorySize = .max },
        Defect("end wraps around to 0", "beyond guest memory") {
            $0.memorySize = 0 &- 0x10_2000
        },
        Defect("aligned end wraps around", "beyond guest memory") {
            $0.memorySize = .max - 0x10_2000
        },
        Defect("aligned end beyond memory", "beyond guest memory") {
            $0.address = 0x80_0000
            $0.alignment = 0x80_0000
            $0.memorySize = 0x80_0001
        },
        Defect("start inside a page", "not whole pages") {
            $0.address = 0x10_2010
            $0.alignment = 16
        },
        Defect("end inside a page", "not whole pages") { $0.alignment = 16 },
        Defect("no alignment to speak of", "not whole pages") { $0.alignment = 1 },
        Defect("writable and executable", "both writable and executable") { $0.flags = 3 },
        Defect("everything allowed", "both writable and executable") { $0.flags = 7 },
    ]

    @Test("attack 20: segments that break the rules", arguments: defects)
    func refuses(_ defect: Defect) throws {
        var elf = ELFBuilder.guest()
        defect.apply(&elf.parts[defect.part])
        let found = try problem(with: elf)
        #expect(found?.isSegment(defect.part, defect.words) == true, "\(String(describing: found))")
    }

    @Test func refusesFileSizeThatWrapsAround() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.data].fileSize = .max
        elf.parts[GuestPart.data].memorySize = .max
        #expect(try problem(with: elf)?.isSegment(GuestPart.data, "beyond guest memory") == true)
    }

    /// The slack that an alignment adds belongs to a segment as much as its bytes do.
    @Test func refusesToStartInSlackOfTheSegmentBefore() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.readOnlyData].address = 0x10_4000
        elf.parts[GuestPart.readOnlyData].alignment = 0x4000
        elf.parts[GuestPart.data].address = 0x10_7000
        #expect(try problem(with: elf)?.isSegment(GuestPart.data, "overlaps") == true)
        elf.parts[GuestPart.data].address = 0x10_8000
        #expect(try problem(with: elf) == nil)
    }

    /// The whole of memory counts, whatever its size.
    @Test func memoryLimitIsExact() throws {
        var elf = ELFBuilder.guest()
        elf.parts[GuestPart.data].memorySize = 0xEF_E000
        #expect(try problem(with: elf, memory: 16 * mebibyte) == nil)
        #expect(try problem(with: elf, memory: 14 * mebibyte)?.isSegment(GuestPart.data) == true)
    }

    /// A guest with `count` more segments than usual, a page each, every other one read-only.
    private func guest(more count: Int) -> ELFBuilder {
        var elf = ELFBuilder.guest()
        for index in 0..<count {
            elf.parts.append(
                .segment(
                    index % 2 == 0 ? Part.read : Part.read | Part.write,
                    at: 0x20_0000 + UInt64(index) * 0x1000, [1]))
        }
        return elf
    }

    @Test("attack 20: more segments than any linker makes")
    func countIsBounded() throws {
        // Three of the usual ones have bytes in the file.
        let most = SegmentLayout.mostSegments - 3
        #expect(try segments(of: guest(more: most)).count == SegmentLayout.mostSegments)
        let found = try problem(with: guest(more: most + 1))
        #expect(found?.isSegment(8 + most, "more than 256 loadable segments") == true, "\(found)")
        #expect(try problem(with: guest(more: 40_000))?.isSegment(8 + most) == true)
    }

    // MARK: The entry point

    @Test(arguments: [0, 0xF_FFFF, 16 * mebibyte, .max])
    func refusesEntry(_ entry: UInt64) throws {
        var elf = ELFBuilder.guest()
        elf.header.entry = entry
        #expect(try problem(with: elf) == .entry(entry))
    }

    @Test(arguments: [0x10_0000, 16 * mebibyte - 1])
    func acceptsEntry(_ entry: UInt64) throws {
        var elf = ELFBuilder.guest()
        elf.header.entry = entry
        #expect(try problem(with: elf) == nil)
    }
}
