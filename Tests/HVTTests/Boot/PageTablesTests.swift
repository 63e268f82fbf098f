import Testing

@testable import HVT
@testable import Tender

/// The page tables that a guest starts with, walked as the processor does it.
struct PageTablesTests {
    typealias Page = PageWalk.Page

    /// A segment of whole pages.
    static func segment(
        _ start: UInt64, _ end: UInt64, writable: Bool = false, executable: Bool = false
    ) -> Segment {
        Segment(
            start: start, end: end, address: start, fileOffset: 0, fileSize: end - start,
            isReadable: true, isWritable: writable, isExecutable: executable)
    }

    private func walk(
        _ segments: [Segment], memory count: UInt64 = 16 * mebibyte, isHeapExecutable: Bool = false
    ) throws -> PageWalk {
        let memory = try GuestMemory(count: count)
        try PageTables.build(in: memory, segments: segments, isHeapExecutable: isHeapExecutable)
        return PageWalk(memory: memory)
    }

    /// The page that maps `address` to itself.
    static func identity(
        _ address: UInt64, writable: Bool = true, executable: Bool = false, large: Bool = false
    ) -> Page {
        Page(physical: address, isWritable: writable, isExecutable: executable, isLarge: large)
    }

    // MARK: Low memory

    /// Null pointers trap, and nothing leads to the GDT and the tables.
    @Test func lowestPagesAreNotThere() throws {
        let walk = try walk([])
        for address in stride(from: 0, to: 0x1_0000 as UInt64, by: 0x1000) {
            #expect(try walk.page(at: address) == nil)
        }
    }

    @Test func restBelowTheImageIsForReading() throws {
        let walk = try walk([])
        for address in stride(from: 0x1_0000, to: 0x10_0000 as UInt64, by: 0x1000) {
            #expect(try walk.page(at: address) == Self.identity(address, writable: false))
        }
    }

    // MARK: What is not a segment

    @Test func heapIsNotExecutable() throws {
        let walk = try walk([])
        for address: UInt64 in [0x10_0000, 0x1F_FFFF] {
            #expect(try walk.page(at: address) == Self.identity(address))
        }
        for address: UInt64 in [0x20_0000, 0x54_3210, 16 * mebibyte - 1] {
            #expect(try walk.page(at: address) == Self.identity(address, large: true))
        }
    }

    @Test func heapMayBeExecutable() throws {
        let segments = [
            Self.segment(0x10_0000, 0x10_1000, executable: true),
            Self.segment(0x10_1000, 0x10_2000),
            Self.segment(0x40_0000, 0x60_0000, writable: true),
        ]
        let walk = try walk(segments, isHeapExecutable: true)
        for (address, large): (UInt64, Bool) in [
            (0x10_2000, false), (0x20_0000, true), (0x60_0000, true), (16 * mebibyte - 1, true),
        ] {
            #expect(
                try walk.page(at: address)
                    == Self.identity(address, executable: true, large: large))
        }
        // Segments are what they say, all the same, and low memory is not heap.
        #expect(try walk.page(at: 0x10_0000)?.isExecutable == true)
        #expect(try walk.page(at: 0x10_1000)?.isExecutable == false)
        #expect(try walk.page(at: 0x40_0000)?.isExecutable == false)
        #expect(try walk.page(at: 0x1_0000)?.isExecutable == false)
    }

    @Test(arguments: [2, 4, 1022, 1024, 1026, 4096] as [UInt64])
    func mapsAllMemoryAndNoMore(_ mebibytes: UInt64) throws {
        let end = mebibytes * mebibyte
        let walk = try walk([], memory: end)
        #expect(try walk.page(at: end - 1)?.physical == end - 1)
        var beyond = [end, end + 2 * mebibyte, 4096 * mebibyte, 1 << 39, 1 << 47]
        beyond.removeAll { $0 < end }
        for address in beyond { #expect(try walk.page(at: address) == nil) }
    }

    @Test func everyPageIsWhereItSeems() throws {
        let walk = try walk([Self.segment(0x3F_F000, 0x80_1000, executable: true)])
        for address in stride(from: 0x10_0000, to: 16 * mebibyte, by: 0x1000) {
            #expect(try walk.page(at: address)?.physical == address)
        }
    }

    // MARK: Segments

    @Test("attack 16: page tables") func onlyCodeIsExecutable() throws {
        let walk = try walk([
            Self.segment(0x10_0000, 0x10_3000, executable: true),
            Self.segment(0x10_3000, 0x10_4000),
            Self.segment(0x10_5000, 0x10_6000, writable: true),
            Self.segment(0x1F_F000, 0x20_0000, executable: true),
        ])
        let executable = try stride(from: 0x1_0000, to: 0x20_0000 as UInt64, by: 0x1000)
            .filter { try walk.page(at: $0)?.isExecutable == true }
        #expect(executable == [0x10_0000, 0x10_1000, 0x10_2000, 0x1F_F000])
        // Nothing beyond was touched: it is still mapped in large pages.
        #expect(try walk.page(at: 0x20_0000) == Self.identity(0x20_0000, large: true))
    }

    /// Stores to read-only segments are the host's to refuse; see `PageTables`.
    @Test func segmentsAreWritableHere() throws {
        let walk = try walk([
            Self.segment(0x10_0000, 0x10_1000, executable: true),
            Self.segment(0x20_0000, 0x40_0000, executable: true),
            Self.segment(0x40_0000, 0x40_1000),
        ])
        for address: UInt64 in [0x10_0000, 0x20_0000, 0x40_0000] {
            #expect(try walk.page(at: address)?.isWritable == true)
        }
    }

    @Test func codeMayCrossLargePages() throws {
        let walk = try walk([Self.segment(0x1F_E000, 0x20_2000, executable: true)])
        for address: UInt64 in [0x1F_E000, 0x1F_F000, 0x20_0000, 0x20_1000] {
            #expect(try walk.page(at: address) == Self.identity(address, executable: true))
        }
        for address: UInt64 in [0x1F_D000, 0x20_2000, 0x3F_F000] {
            #expect(try walk.page(at: address) == Self.identity(address))
        }
        #expect(try walk.page(at: 0x40_0000) == Self.identity(0x40_0000, large: true))
    }

    @Test func wholeLargePagesStayLarge() throws {
        let walk = try walk([Self.segment(0x40_0000, 0x80_0000, executable: true)])
        #expect(try walk.tables().count == 7)
        for address: UInt64 in [0x40_0000, 0x5F_FFFF, 0x60_0000, 0x7F_FFFF] {
            #expect(
                try walk.page(at: address)
                    == Self.identity(address, executable: true, large: true))
        }
        for address: UInt64 in [0x3F_FFFF, 0x80_0000] {
            #expect(try walk.page(at: address) == Self.identity(address, large: true))
        }
    }

    /// As large as the largest unikernels.
    @Test func largeCodeNeedsFewTables() throws {
        let end: UInt64 = 0x10_0000 + 30 * mebibyte + 0x5000
        let walk = try walk(
            [
                Self.segment(0x10_0000, end, executable: true),
                Self.segment(end, end + 3 * mebibyte),
            ], memory: 64 * mebibyte)
        // One for the end of the code beyond those that every guest has; data is like heap.
        #expect(try walk.tables().count == 8)
        for address in stride(from: 0x10_0000, to: end, by: 0x1000) {
            let isLarge = address >= 0x20_0000 && address < end & ~(2 * mebibyte - 1)
            #expect(
                try walk.page(at: address)
                    == Self.identity(address, executable: true, large: isLarge))
        }
        #expect(try walk.page(at: end) == Self.identity(end))
    }

    @Test func largePageAfterSplitOne() throws {
        // The second begins where a large page does, but the first has split that.
        let walk = try walk([
            Self.segment(0x20_0000, 0x20_1000, executable: true),
            Self.segment(0x20_1000, 0x60_0000, executable: true),
            Self.segment(0x60_0000, 0x60_1000, executable: true),
        ])
        for (address, large): (UInt64, Bool) in [
            (0x20_0000, false), (0x20_1000, false), (0x3F_F000, false), (0x40_0000, true),
            (0x60_0000, false),
        ] {
            #expect(
                try walk.page(at: address)
                    == Self.identity(address, executable: true, large: large))
        }
        #expect(try walk.page(at: 0x60_1000)?.isExecutable == false)
    }

    @Test func lastPageMayBeCode() throws {
        let end = 4096 * mebibyte
        let walk = try walk([Self.segment(end - 0x1000, end, executable: true)], memory: end)
        #expect(try walk.page(at: end - 1)?.isExecutable == true)
        #expect(try walk.page(at: end - 0x1001)?.isExecutable == false)
    }
}
