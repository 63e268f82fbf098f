import Testing

@testable import HVT
@testable import Tender

/// Where page tables lie, and that guests can't get at them.
struct PageTableRoomTests {
    /// Room for this many tables beyond the ones that every guest has.
    static let spare = 7 + 236

    /// One page of code in each of `count` large pages.
    private func scattered(_ count: Int) throws -> GuestMemory {
        let memory = try GuestMemory(count: UInt64(count + 2) * 2 * mebibyte)
        let segments = (1...count).map { index in
            let start = UInt64(index) * 2 * mebibyte + 0x1_0000
            return PageTablesTests.segment(start, start + 0x1000, executable: true)
        }
        try PageTables.build(in: memory, segments: segments, isHeapExecutable: false)
        return memory
    }

    /// The entries that the specification names (3.1), with no-execute added.
    @Test func fixedEntriesAreAsSpecified() throws {
        let memory = try GuestMemory(count: 8 * mebibyte)
        try PageTables.build(in: memory, segments: [], isHeapExecutable: false)
        let walk = PageWalk(memory: memory)
        let noExecute: UInt64 = 1 << 63
        #expect(try walk.entry(0x2000, 0) == 0x3003)
        for index: UInt64 in 1..<512 { #expect(try walk.entry(0x2000, index) == 0) }
        for index: UInt64 in 0..<4 {
            #expect(try walk.entry(0x3000, index) == 0x4003 + index * 0x1000)
        }
        for index: UInt64 in 4..<512 { #expect(try walk.entry(0x3000, index) == 0) }
        #expect(try walk.entry(0x4000, 0) == 0x8003)
        for index: UInt64 in 1..<4 {
            #expect(try walk.entry(0x4000, index) == index * 2 * mebibyte | 0x83 | noExecute)
        }
        for index: UInt64 in 4..<2048 { #expect(try walk.entry(0x4000, index) == 0) }
        for index: UInt64 in 0..<512 {
            let expected: UInt64 =
                switch index {
                case ..<0x10: 0
                case ..<0x100: index * 0x1000 | 1 | noExecute
                default: index * 0x1000 | 3 | noExecute
                }
            #expect(try walk.entry(0x8000, index) == expected)
        }
    }

    @Test(arguments: [1, 6, 7, 8, 9, 100, spare])
    func tablesAreOutOfReach(_ count: Int) throws {
        let memory = try scattered(count)
        let walk = PageWalk(memory: memory)
        let tables = try walk.tables()
        #expect(tables.count == 7 + count)
        for table in tables {
            #expect(table >= 0x2000 && table < 0x10_0000)
            // Boot information, manifest and command line.
            #expect(table < 0x1_0000 || table >= 0x1_4000)
            #expect(try walk.page(at: table) == nil)
        }
        for page in stride(from: 0x1_0000, to: 0x10_0000 as UInt64, by: 0x1000)
        where !tables.contains(page) {
            #expect(
                try walk.page(at: page) == PageTablesTests.identity(page, writable: false))
        }
        // All that is mapped there leads to itself, so no other address leads to a table.
        for page in stride(from: 0x10_0000, to: 8 * mebibyte, by: 0x1000) where page < memory.count
        {
            #expect(try walk.page(at: page)?.physical == page)
        }
    }

    /// What the guest can't reach, no hypercall reaches on its behalf.
    @Test func hypercallsDoNotReachTables() throws {
        let memory = try scattered(9)
        let boot = HVTBoot(memory: memory)
        try boot.protect([])
        for table in try PageWalk(memory: memory).tables() {
            for access in [GuestMemory.Access.read, .write] {
                #expect(throws: GuestFault.access(address: GuestAddress(table), count: 8)) {
                    try memory.range(at: GuestAddress(table), count: 8, for: access)
                }
            }
        }
        // The 9 took the 7 below the boot information and the first 2 behind it.
        #expect(throws: Never.self) {
            try memory.range(at: GuestAddress(0x1_6000), count: 8, for: .read)
        }
    }

    @Test func scatteredCodeIsExecutable() throws {
        let walk = PageWalk(memory: try scattered(Self.spare))
        for index in 1...Self.spare {
            let start = UInt64(index) * 2 * mebibyte + 0x1_0000
            #expect(try walk.page(at: start)?.isExecutable == true)
            #expect(try walk.page(at: start - 0x1000)?.isExecutable == false)
            #expect(try walk.page(at: start + 0x1000)?.isExecutable == false)
        }
    }

    @Test func refusesMoreThanThereIsRoomFor() {
        #expect(throws: TenderError.tooFragmented) { try scattered(Self.spare + 1) }
    }
}
