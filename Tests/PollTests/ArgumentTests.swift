import TestSupport
import Testing

@testable import Poll
@testable import Tender

/// What guests ask POLL for, rightly or wrongly.
struct ArgumentTests {
    @Test func storesResultsOnly() throws {
        let guest = try Guest()
        #expect(try guest.poll(999) == .none)
        let argument = GuestAddress(Guest.argument)
        #expect(try guest.memory.load(UInt64.self, at: argument) == 999)
        #expect(
            try guest.memory.load(UInt32.self, at: GuestAddress(Guest.argument + 20))
                == 0xEEEE_EEEE)
    }

    @Test func argumentMayEndWithMemory() throws {
        let guest = try Guest()
        #expect(try guest.serve(argument: Guest.size - 24) == .resume)
    }

    @Test(arguments: [Guest.size - 23, Guest.size, 0xFFFF_FFFF, .max - 23, .max] as [UInt64])
    func refusesOutsideMemory(_ address: UInt64) throws {
        let guest = try Guest()
        #expect(throws: GuestFault.access(address: GuestAddress(address), count: 24)) {
            try guest.serve(argument: address)
        }
    }

    /// At once: a wait whose result can't be told would be for nothing.
    @Test(arguments: [0x2000, 0x2FE8, 0x1FF8] as [UInt64])
    func refusesReadOnlyMemory(_ address: UInt64) throws {
        let guest = try Guest()
        try guest.memory.place(.max as UInt64, at: address)
        guest.memory.restrict(0x2000, 0x3000, isReadable: true, isWritable: false)
        #expect(throws: GuestFault.access(address: GuestAddress(address), count: 24)) {
            try guest.serve(argument: address)
        }
    }

    @Test func statesWhatItServes() {
        let hypercalls = PollModule.manifest.hypercalls
        #expect(hypercalls.map { $0.number } == [3])
        #expect(hypercalls.map { $0.argumentSize } == [24])
    }
}
