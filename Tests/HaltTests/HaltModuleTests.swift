import TenderSupport
import Testing

@testable import Halt
@testable import Tender

/// HALT, with no hypervisor.
struct HaltModuleTests {
    static let size: UInt64 = 0x4000

    private let memory: GuestMemory
    private let launch: Launch

    init() throws {
        let guest = try ModuleGuest(HaltModule(), count: Self.size)
        memory = guest.memory
        launch = guest.launch
    }

    /// Halts with an argument at `address`.
    private func halt(
        _ status: Int32, cookie: UInt64 = 0, at address: UInt64 = 0x3FF0
    ) throws -> Outcome {
        try memory.place(cookie, at: address)
        try memory.place(UInt64(UInt32(bitPattern: status)), at: address + 8)
        return try launch.dispatch.serve(8, argument: GuestAddress(address), memory: memory)
    }

    @Test(arguments: [0, 1, 42, 255, 256, -1, .max, .min] as [Int32])
    func statusIsTheGuests(_ status: Int32) throws {
        #expect(try halt(status) == .halt(Tender.Halt(exitStatus: status, cookie: GuestAddress(0))))
    }

    @Test(arguments: [1, 0x1003, size - 512] as [UInt64])
    func keepsCookie(_ cookie: UInt64) throws {
        #expect(
            try halt(255, cookie: cookie, at: 0x800)
                == .halt(Tender.Halt(exitStatus: 255, cookie: GuestAddress(cookie))))
    }

    @Test(arguments: [size - 511, size, 0xFFFF_FFFF, 1 << 32, .max - 511, .max] as [UInt64])
    func refusesCookieOutsideMemory(_ cookie: UInt64) {
        #expect(throws: GuestFault.access(address: GuestAddress(cookie), count: 512)) {
            try halt(255, cookie: cookie)
        }
    }

    @Test func refusesCookieThatTheGuestCannotRead() {
        memory.restrict(0x1000, 0x2000, isReadable: false, isWritable: false)
        #expect(throws: GuestFault.access(address: GuestAddress(0xFFF), count: 512)) {
            try halt(255, cookie: 0xFFF)
        }
    }

    /// It is only looked at.
    @Test func cookieAndArgumentMayBeReadOnly() throws {
        memory.restrict(0, Self.size, isReadable: true, isWritable: false)
        #expect(
            try halt(0, cookie: 0x1000)
                == .halt(Tender.Halt(exitStatus: 0, cookie: GuestAddress(0x1000))))
    }

    @Test(arguments: [size - 15, size, 0xFFFF_FFFF, .max] as [UInt64])
    func refusesArgumentOutsideMemory(_ address: UInt64) {
        #expect(throws: GuestFault.access(address: GuestAddress(address), count: 16)) {
            try launch.dispatch.serve(8, argument: GuestAddress(address), memory: memory)
        }
    }

    @Test func statesWhatItServes() {
        let hypercalls = HaltModule.manifest.hypercalls
        #expect(hypercalls.map { $0.number } == [8])
        #expect(hypercalls.map { $0.argumentSize } == [16])
        #expect(HaltModule.manifest.systemCalls.isEmpty)
    }
}
