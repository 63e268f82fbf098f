import ABI
import Foundation
import TenderSupport
import Testing

@testable import Tender
@testable import Walltime

/// WALLTIME, with no hypervisor.
struct WalltimeModuleTests {
    static let size: UInt64 = 0x4000

    private let memory: GuestMemory
    private let launch: Launch

    init() throws {
        let guest = try ModuleGuest(WalltimeModule(), count: Self.size)
        memory = guest.memory
        launch = guest.launch
    }

    private func call(_ address: UInt64) throws -> Outcome {
        try launch.dispatch.serve(1, argument: GuestAddress(address), memory: memory)
    }

    private func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    @Test(arguments: [0, 1, 0x1003, size - 8] as [UInt64])
    func tellsTheTime(_ address: UInt64) throws {
        let before = now()
        #expect(try call(address) == .resume)
        let told = try memory.load(UInt64.self, at: GuestAddress(address))
        #expect(before <= told && told <= now())
    }

    @Test func storesNothingElse() throws {
        try memory.place([UInt8](repeating: 0xEE, count: 24), at: 0x100)
        #expect(try call(0x108) == .resume)
        for address: UInt64 in [0x100, 0x110] {
            let beside = try memory.load(UInt64.self, at: GuestAddress(address))
            #expect(beside == 0xEEEE_EEEE_EEEE_EEEE)
        }
    }

    @Test(arguments: [size - 7, size, 0xFFFF_FFFF, 1 << 40, .max] as [UInt64])
    func refusesOutsideMemory(_ address: UInt64) {
        #expect(throws: GuestFault.access(address: GuestAddress(address), count: 8)) {
            try call(address)
        }
    }

    @Test(arguments: [0x1000, 0x1FFF, 0xFF9] as [UInt64])
    func refusesReadOnlyMemory(_ address: UInt64) {
        memory.restrict(0x1000, 0x2000, isReadable: true, isWritable: false)
        #expect(throws: GuestFault.access(address: GuestAddress(address), count: 8)) {
            try call(address)
        }
    }

    @Test func statesWhatItServes() {
        let hypercalls = WalltimeModule.manifest.hypercalls
        #expect(hypercalls.map { $0.number } == [1])
        #expect(hypercalls.map { $0.argumentSize } == [8])
        #expect(hypercalls.map { $0.name } == ["WALLTIME"])
    }
}
