import ABI
import Hypervisor
import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// The guest's rights in its memory, for hypervisors that can restrict it.
struct MemoryPartTests {
    private let segments = [
        PageTablesTests.segment(0x10_0000, 0x10_3000, executable: true),
        PageTablesTests.segment(0x10_3000, 0x10_4000),
        PageTablesTests.segment(0x10_6000, 0x10_8000, writable: true),
    ]

    private func parts(
        _ segments: [Segment], size: UInt64 = 4 * mebibyte, isHeapExecutable: Bool = false
    ) -> [MemoryPart] {
        HVTMemoryMap.parts(segments, size: size, isHeapExecutable: isHeapExecutable)
    }

    @Test func rightsAreThoseOfSegments() {
        #expect(
            parts(segments) == [
                MemoryPart(0x1000..<0x2000, isExecutable: true),
                MemoryPart(0x2000..<0x1_0000, isWritable: true),
                MemoryPart(0x1_0000..<0x1_4000),
                MemoryPart(0x1_4000..<0x10_0000, isWritable: true),
                MemoryPart(0x10_0000..<0x10_3000, isExecutable: true),
                MemoryPart(0x10_3000..<0x10_4000),
                MemoryPart(0x10_4000..<0x10_6000, isWritable: true),
                MemoryPart(0x10_6000..<0x10_8000, isWritable: true),
                MemoryPart(0x10_8000..<0x40_0000, isWritable: true),
            ])
    }

    /// Nothing is both writable and executable, unless the operator wants the heap to be.
    @Test(arguments: [false, true]) func writableOrExecutable(isHeapExecutable: Bool) {
        let parts = parts(segments, isHeapExecutable: isHeapExecutable)
        let both = parts.filter { $0.isWritable && $0.isExecutable }.map { $0.addresses }
        #expect(both == (isHeapExecutable ? [0x10_4000..<0x10_6000, 0x10_8000..<0x40_0000] : []))
    }

    /// Page-aligned and in order; only the first page is in no part.
    @Test func partsAreWholePages() {
        let parts = parts(segments)
        #expect(parts.first?.addresses.lowerBound == 0x1000)
        #expect(parts.last?.addresses.upperBound == 4 * mebibyte)
        for part in parts {
            #expect(!part.addresses.isEmpty)
            #expect(part.addresses.lowerBound % 4096 == 0 && part.addresses.upperBound % 4096 == 0)
        }
        for (part, next) in zip(parts, parts.dropFirst()) {
            #expect(part.addresses.upperBound == next.addresses.lowerBound)
        }
    }

    @Test func segmentsWithoutRightsAreNotTheGuests() {
        var hidden = segments
        hidden[1] = Segment(
            start: 0x10_3000, end: 0x10_4000, address: 0x10_3000, fileOffset: 0, fileSize: 1,
            isReadable: false, isWritable: false, isExecutable: false)
        #expect(!parts(hidden).contains { $0.addresses.contains(0x10_3000) })
        #expect(parts(hidden).count == parts(segments).count - 1)
    }

    @Test func guestsMayFillTheirMemory() {
        let whole = [PageTablesTests.segment(0x10_0000, 4 * mebibyte, executable: true)]
        #expect(parts(whole).last == MemoryPart(0x10_0000..<4 * mebibyte, isExecutable: true))
        #expect(parts([]).last == MemoryPart(0x10_0000..<4 * mebibyte, isWritable: true))
    }
}
