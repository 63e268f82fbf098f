import TestSupport
import Testing

@testable import Puts
@testable import Tender

/// What guests ask PUTS for, rightly or wrongly.
struct ArgumentTests {
    private let reader: Descriptor
    private let guest: Guest

    init() throws {
        let (reader, writer) = try Descriptor.pipe()
        try reader.setBlocking(false)
        self.reader = reader
        guest = try Guest(console: writer)
    }

    @Test(arguments: [0, 1, 0x1_0003, Guest.size - 1] as [UInt64])
    func nothingIsFineAnywhere(_ address: UInt64) throws {
        #expect(try guest.puts(at: address, count: 0) == .resume)
        #expect(try reader.readAll() == [])
    }

    @Test func bytesMayEndWithMemory() throws {
        try guest.memory.place(Array("end".utf8), at: Guest.size - 3)
        #expect(try guest.puts(at: Guest.size - 3, count: 3) == .resume)
        #expect(try reader.readAll() == Array("end".utf8))
    }

    /// Guests write their command line, which is below the image.
    @Test func bytesMayBeReadOnly() throws {
        try guest.memory.place(Array("line".utf8), at: 0x2_0000)
        guest.memory.restrict(0x2_0000, 0x2_1000, isReadable: true, isWritable: false)
        #expect(try guest.puts(at: 0x2_0000, count: 4) == .resume)
        #expect(try reader.readAll() == Array("line".utf8))
    }

    @Test func argumentMayBeReadOnly() throws {
        guest.memory.restrict(0x1000, 0x2000, isReadable: true, isWritable: false)
        #expect(try guest.puts("hello") == .resume)
        #expect(try reader.readAll() == Array("hello".utf8))
    }

    @Test func argumentStaysAsItIs() throws {
        try guest.puts("hello")
        #expect(try guest.memory.load(UInt64.self, at: GuestAddress(Guest.argument)) == Guest.data)
        #expect(try guest.memory.load(UInt64.self, at: GuestAddress(Guest.argument + 8)) == 5)
    }

    @Test func bytesAreAnyBytes() throws {
        let bytes = (0...255).map { UInt8($0) }
        try guest.puts(bytes)
        #expect(try reader.readAll() == bytes)
    }

    static let bad: [(address: UInt64, count: UInt64)] = [
        (Guest.size, 0), (Guest.size, 1), (Guest.size - 1, 2), (0, Guest.size + 1), (0, .max),
        (Guest.size - 1, .max), (.max, 1), (.max, .max), (1 << 63, 1 << 63), (.max, 0),
        // The length as a 32-bit or a signed number would be fine.
        (0x1_0000, 1 << 32 | 1), (0x1_0000, 1 << 63), (1 << 32 | 0x1_0000, 1),
    ]

    @Test(arguments: bad)
    func refusesOutsideMemory(_ address: UInt64, count: UInt64) throws {
        #expect(throws: GuestFault.access(address: GuestAddress(address), count: count)) {
            try guest.puts(at: address, count: count)
        }
        #expect(try reader.readAll() == [])
    }

    @Test(arguments: [0x2_0000, 0x2_0FFF, 0x1_FFFF] as [UInt64])
    func refusesWhatTheGuestCannotRead(_ address: UInt64) throws {
        guest.memory.restrict(0x2_0000, 0x2_1000, isReadable: false, isWritable: false)
        #expect(throws: GuestFault.access(address: GuestAddress(address), count: 2)) {
            try guest.puts(at: address, count: 2)
        }
        #expect(try reader.readAll() == [])
    }

    @Test(arguments: [Guest.size - 15, Guest.size, 0xFFFF_FFFF, .max - 15, .max] as [UInt64])
    func refusesArgumentOutsideMemory(_ address: UInt64) {
        #expect(throws: GuestFault.access(address: GuestAddress(address), count: 16)) {
            try guest.serve(argument: address)
        }
    }

    @Test func statesWhatItServes() {
        let hypercalls = PutsModule.manifest.hypercalls
        #expect(hypercalls.map { $0.number } == [2])
        #expect(hypercalls.map { $0.argumentSize } == [16])
        #expect(PutsModule.manifest.options.isEmpty)
    }
}
