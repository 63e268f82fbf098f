import Linux
import Testing

@testable import Tender

/// Values and bytes in guest memory.
struct GuestMemoryValueTests {
    static let size: UInt64 = 0x4000

    private func bytes(_ memory: GuestMemory, _ address: UInt64, _ count: UInt64) throws -> [UInt8]
    {
        memory.bytes(in: try memory.range(at: GuestAddress(address), count: count, for: .read))
    }

    @Test func startsAsZeros() throws {
        let memory = try GuestMemory(count: Self.size)
        #expect(try bytes(memory, 0, Self.size) == [UInt8](repeating: 0, count: Int(Self.size)))
    }

    @Test(arguments: 0..<9)
    func valuesNeedNoAlignment(_ offset: UInt64) throws {
        let memory = try GuestMemory(count: Self.size)
        let address = GuestAddress(0x100 + offset)
        try memory.store(0x1122_3344_5566_7788 as UInt64, at: address)
        #expect(try memory.load(UInt64.self, at: address) == 0x1122_3344_5566_7788)
        #expect(
            try bytes(memory, 0xFF + offset, 10)
                == [0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0])
    }

    /// A field is stored alone: what the guest has beside it stays.
    @Test func storesFields() throws {
        let memory = try GuestMemory(count: Self.size)
        try memory.place([UInt8](repeating: 0xEE, count: 24), at: 0x203)
        try memory.store(-2 as Int32, at: GuestAddress(0x203), offset: 16)
        var expected = [UInt8](repeating: 0xEE, count: 24)
        expected.replaceSubrange(16..<20, with: [0xFE, 0xFF, 0xFF, 0xFF])
        #expect(try bytes(memory, 0x203, 24) == expected)
    }

    @Test func valuesMayEndWithMemory() throws {
        let memory = try GuestMemory(count: Self.size)
        try memory.store(7 as UInt64, at: GuestAddress(Self.size - 8))
        #expect(try memory.load(UInt64.self, at: GuestAddress(Self.size - 8)) == 7)
    }

    static let outside: [UInt64] = [size - 7, size - 1, size, size + 8, .max - 7, .max]

    @Test("attack 03: values outside memory", arguments: outside)
    func valuesMustBeInMemory(_ address: UInt64) throws {
        let memory = try GuestMemory(count: Self.size)
        let fault = GuestFault.access(address: GuestAddress(address), count: 8)
        #expect(throws: fault) { try memory.load(UInt64.self, at: GuestAddress(address)) }
        #expect(throws: fault) { try memory.loadArgument(UInt64.self, at: GuestAddress(address)) }
        #expect(throws: fault) { try memory.store(7 as UInt64, at: GuestAddress(address)) }
    }

    @Test func fieldsMustBeInMemory() throws {
        let memory = try GuestMemory(count: Self.size)
        // The first wraps around to an address that is in memory.
        for address: UInt64 in [.max - 3, Self.size - 8] {
            #expect(throws: GuestFault.self) {
                try memory.store(7 as UInt64, at: GuestAddress(address), offset: 8)
            }
        }
        #expect(try memory.load(UInt64.self, at: GuestAddress(4)) == 0)
    }

    @Test func restrictionsHoldForValues() throws {
        let memory = try GuestMemory(count: Self.size)
        memory.restrict(0x1000, 0x2000, isReadable: true, isWritable: false)
        memory.restrict(0x2000, 0x3000, isReadable: false, isWritable: true)
        let readOnly = GuestAddress(0x1000)
        let writeOnly = GuestAddress(0x2000)
        #expect(try memory.load(UInt32.self, at: readOnly) == 0)
        #expect(throws: GuestFault.access(address: readOnly, count: 4)) {
            try memory.store(7 as UInt32, at: readOnly)
        }
        // An argument is checked for what comes after it was served.
        #expect(throws: GuestFault.access(address: readOnly, count: 4)) {
            try memory.loadArgument(UInt32.self, at: readOnly)
        }
        #expect(throws: GuestFault.access(address: writeOnly, count: 4)) {
            try memory.load(UInt32.self, at: writeOnly)
        }
        try memory.store(7 as UInt32, at: writeOnly)
    }

    @Test func storesBytesWhereTheGuestMay() throws {
        let memory = try GuestMemory(count: Self.size)
        memory.restrict(0x1000, 0x2000, isReadable: true, isWritable: false)
        try memory.store([1, 2, 3], at: GuestAddress(Self.size - 3))
        #expect(try bytes(memory, Self.size - 3, 3) == [1, 2, 3])
        for address: UInt64 in [Self.size - 2, 0xFFE, 0x1FFF, .max] {
            #expect(throws: GuestFault.access(address: GuestAddress(address), count: 3)) {
                try memory.store([1, 2, 3], at: GuestAddress(address))
            }
        }
        #expect(try bytes(memory, 0xFFE, 4) == [0, 0, 0, 0])
        try memory.store([UInt8](), at: GuestAddress(0x1000))
    }

    // MARK: The tender's own bytes

    @Test func placesWhereGuestsMayNot() throws {
        let memory = try GuestMemory(count: Self.size)
        memory.restrict(0, Self.size, isReadable: true, isWritable: false)
        try memory.place([1, 2, 3], at: Self.size - 3)
        try memory.place(0x0102_0304_0506_0708 as UInt64, at: 0x10)
        #expect(try bytes(memory, Self.size - 3, 3) == [1, 2, 3])
        #expect(try bytes(memory, 0x10, 8) == [8, 7, 6, 5, 4, 3, 2, 1])
        try memory.place([], at: Self.size)
    }

    @Test func placesInMemoryOnly() throws {
        let memory = try GuestMemory(start: GuestAddress(0x1_0000), count: Self.size)
        for address: UInt64 in [0xFFFF, 0x1_0000 + Self.size - 2, 0x1_0000 + Self.size, .max] {
            #expect(throws: GuestFault.access(address: GuestAddress(address), count: 3)) {
                try memory.place([1, 2, 3], at: address)
            }
            #expect(throws: GuestFault.access(address: GuestAddress(address), count: 8)) {
                try memory.place(1 as UInt64, at: address)
            }
        }
    }

    @Test func startsAnywhere() throws {
        let memory = try GuestMemory(start: GuestAddress(0x8000_0000), count: Self.size)
        try memory.store(0xAB as UInt8, at: GuestAddress(0x8000_0000))
        try memory.store(0xCD as UInt8, at: GuestAddress(0x8000_3FFF))
        #expect(try bytes(memory, 0x8000_0000, 1) == [0xAB])
        #expect(try bytes(memory, 0x8000_3FFF, 1) == [0xCD])
    }

    @Test func refusesMoreThanThereIs() {
        #expect(throws: Errno.self) { try GuestMemory(count: 1 << 60) }
        #expect(throws: Errno.self) { try GuestMemory(count: .max) }
        #expect(throws: Errno(22)) { try GuestMemory(count: 0) }
    }
}
