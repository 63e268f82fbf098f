import Testing

@testable import Tender

/// Which addresses and counts `GuestMemory.range` lets pass.
struct GuestMemoryRangeTests {
    static let size: UInt64 = 0x4000

    /// Whether these bytes can be had.
    private func allows(
        _ memory: GuestMemory, _ address: UInt64, _ count: UInt64,
        for access: GuestMemory.Access = .read
    ) -> Bool {
        do throws(GuestFault) {
            let range = try memory.range(at: GuestAddress(address), count: count, for: access)
            #expect(range.start == GuestAddress(address))
            #expect(range.count == Int(count))
            return true
        } catch {
            #expect(error == .access(address: GuestAddress(address), count: count))
            return false
        }
    }

    static let inside: [(UInt64, UInt64)] = [
        (0, 0), (0, 1), (0, size), (1, size - 1), (size - 1, 0), (size - 1, 1), (size - 8, 8),
    ]

    @Test(arguments: inside)
    func allows(_ address: UInt64, _ count: UInt64) throws {
        let memory = try GuestMemory(count: Self.size)
        #expect(allows(memory, address, count))
        #expect(allows(memory, address, count, for: .write))
    }

    static let outside: [(UInt64, UInt64)] = [
        // Ends behind memory.
        (0, size + 1), (size - 1, 2), (size - 8, 9), (1, size),
        // Begins behind memory, where not even nothing is.
        (size, 0), (size, 1), (size + 1, 0), (1 << 32, 1), (.max, 0), (.max, 1),
        // The sum of both wraps around.
        (1, .max), (size - 1, .max - size + 2), (size - 1, .max), (0, .max),
        (.max, .max), (.max - 7, 8), (1 << 63, 1 << 63), (8, 0 &- 8),
    ]

    @Test("attack 02: ranges outside memory", arguments: outside)
    func refuses(_ address: UInt64, _ count: UInt64) throws {
        let memory = try GuestMemory(count: Self.size)
        #expect(!allows(memory, address, count))
        #expect(!allows(memory, address, count, for: .write))
    }

    // MARK: Restrictions

    /// Memory with 4096 bytes each of nothing, read, write, and all.
    private func restricted() throws -> GuestMemory {
        let memory = try GuestMemory(count: Self.size)
        memory.restrict(0, 0x1000, isReadable: false, isWritable: false)
        memory.restrict(0x1000, 0x2000, isReadable: true, isWritable: false)
        memory.restrict(0x2000, 0x3000, isReadable: false, isWritable: true)
        return memory
    }

    static let parts: [(UInt64, UInt64, readable: Bool, writable: Bool)] = [
        // Up to both edges of each part.
        (0, 0x1000, false, false), (0xFFF, 1, false, false), (0x1000, 0x1000, true, false),
        (0x1FFF, 1, true, false), (0x2000, 0x1000, false, true), (0x2FFF, 1, false, true),
        (0x3000, 0x1000, true, true),
        // Across edges: what either part forbids is forbidden.
        (0xFFF, 2, false, false), (0x1FFF, 2, false, false), (0x2FFF, 2, false, true),
        (0x1800, 0x2000, false, false), (0, size, false, false), (0x1FF8, 9, false, false),
        // Wholly inside.
        (0x1800, 8, true, false), (0x2800, 8, false, true),
        // Nothing can be had anywhere.
        (0, 0, true, true), (0x1800, 0, true, true), (0x2800, 0, true, true),
    ]

    @Test(arguments: parts)
    func restricts(_ address: UInt64, _ count: UInt64, readable: Bool, writable: Bool) throws {
        let memory = try restricted()
        #expect(allows(memory, address, count, for: .read) == readable)
        #expect(allows(memory, address, count, for: .write) == writable)
    }

    @Test func restrictionsAddUp() throws {
        let memory = try restricted()
        memory.restrict(0x1800, 0x2800, isReadable: false, isWritable: true)
        #expect(allows(memory, 0x1000, 0x800, for: .read))
        #expect(!allows(memory, 0x1000, 0x801, for: .read))
        #expect(!allows(memory, 0x1800, 1, for: .write))
        #expect(allows(memory, 0x2000, 0x1000, for: .write))
    }

    @Test func protectRestricts() throws {
        let memory = try GuestMemory(count: Self.size)
        try memory.protect(0x1000, 0x2000, isReadable: true, isWritable: false)
        #expect(allows(memory, 0x1000, 0x1000, for: .read))
        #expect(!allows(memory, 0x1000, 1, for: .write))
        #expect(allows(memory, 0x2000, 1, for: .write))
        #expect(allows(memory, 0xFFF, 1, for: .write))
    }

    // MARK: Memory that starts elsewhere

    @Test func startsAnywhere() throws {
        let start: UInt64 = 0x8000_0000
        let memory = try GuestMemory(start: GuestAddress(start), count: Self.size)
        #expect(allows(memory, start, Self.size))
        #expect(!allows(memory, start, Self.size + 1))
        #expect(!allows(memory, start - 1, 1))
        #expect(!allows(memory, start - 1, 0))
        #expect(!allows(memory, 0, 1))
        #expect(!allows(memory, 0, 0))
        #expect(!allows(memory, start + Self.size, 0))
        try memory.protect(start, start + 0x1000, isReadable: true, isWritable: false)
        #expect(!allows(memory, start + 0xFFF, 2, for: .write))
        #expect(allows(memory, start + 0x1000, 1, for: .write))
    }

    // MARK: Parts of ranges

    @Test func rangesShrinkOnly() throws {
        let memory = try GuestMemory(count: Self.size)
        let range = try memory.range(at: GuestAddress(0x100), count: 0x100, for: .read)
        #expect(range.dropFirst(0x10).start == GuestAddress(0x110))
        #expect(range.dropFirst(0x10).count == 0xF0)
        #expect(range.prefix(0x10).start == GuestAddress(0x100))
        #expect(range.prefix(0x10).count == 0x10)
        let wholes = [
            range.dropFirst(0), range.dropFirst(-5), range.prefix(0x100), range.prefix(.max),
        ]
        for whole in wholes {
            #expect(whole.start == range.start && whole.count == range.count)
        }
        let empties = [
            range.dropFirst(0x100), range.dropFirst(.max), range.prefix(0), range.prefix(-1),
        ]
        for empty in empties {
            #expect(empty.count == 0)
        }
        #expect(range.dropFirst(.max).start == GuestAddress(0x200))
    }

    @Test("attack 01: addresses that wrap around") func addressesAddUpWithoutWrappingAround() {
        #expect(GuestAddress(.max - 1).advanced(by: 1) == GuestAddress(.max))
        #expect(GuestAddress(.max).advanced(by: 1) == nil)
        #expect(GuestAddress(1).advanced(by: .max) == nil)
        #expect(GuestAddress(0xABC).description == "0xabc")
    }
}
