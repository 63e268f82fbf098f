import ABI
import Hypervisor
import Linux
import TestSupport
import Testing

@testable import HVT
@testable import Tender
@testable import TenderSupport

/// Who gets the network ring, where it lies, and what a kick is.
struct PlacedRingTests {
    /// `mov $0x600, %edx; out %eax, (%dx)`
    private static let kick: [UInt8] = [0xBA, 0x00, 0x06, 0x00, 0x00, 0xEF]

    private final class Served {
        var addresses: [GuestAddress] = []
        var interruptions = 0
    }

    private struct Result {
        var ring: PlacedRing?
        var memory: GuestMemory
        var warnings: [String]
    }

    private func place(
        _ offer: SharedRing.Offer?, text: [UInt8], mebibytes: UInt64 = 8, served: Served = Served(),
        isWorthwhile: Bool = true
    ) throws -> Result {
        let directory = try TemporaryDirectory()
        let image = try HVTImage(path: ELFBuilder.guest(text: text).write(to: directory))
        let plan = try HVTPlan(
            image: image, memorySize: MemorySize(asked: mebibytes << 20), commandLine: [])
        var launch = Launch(options: [], devices: ApplicationManifest(devices: []))
        launch.ring = offer.map {
            SharedRing(
                offer: $0, isWorthwhile: { isWorthwhile },
                prepare: { (ring, memory) throws(GuestFault) in
                    try memory.store(UInt32(1), at: ring)
                }, serve: { (ring, _) throws(GuestFault) in served.addresses.append(ring) },
                interrupted: { () throws(GuestFault) in served.interruptions += 1 })
        }
        let memory = try GuestMemory(count: mebibytes << 20)
        try image.load(plan.segments, into: memory)
        var warnings: [String] = []
        let ring = try PlacedRing.placing(launch, plan, in: memory) { warnings.append($0) }
        return Result(ring: ring, memory: memory, warnings: warnings)
    }

    @Test func isTheLastPartOfMemory() throws {
        let served = Served()
        let result = try place(.toAll, text: [0x90], served: served)
        let address = GuestAddress(6 * mebibyte)
        #expect(result.ring?.address == address)
        #expect(try result.memory.load(UInt32.self, at: address) == 1)
        #expect(result.warnings.isEmpty)
        try result.ring?.serve(result.memory)
        #expect(served.addresses == [address])
        let boot = HVTBoot(memory: result.memory, ring: address)
        #expect(boot.state(entry: 0x10_0000).stackPointer == 6 * mebibyte - 8)
        try boot.placeInformation(
            manifest: ApplicationManifest(devices: []), commandLine: [], kernelEnd: 0,
            counterFrequency: 1)
        let information = try result.memory.load(hvt_boot_info.self, at: GuestAddress(0x1_0000))
        #expect(information.mem_size == 6 * mebibyte)
        #expect(information.host_features == HVT_FEATURE_NET_RING)
        #expect(information.guest_features == 0)
        #expect(information.net_ring == 6 * mebibyte)
    }

    @Test func isForGuestsThatKickOnly() throws {
        #expect(try place(.toGuestsThatKnowIt, text: Self.kick).ring != nil)
        #expect(try place(.toGuestsThatKnowIt, text: [0x90]).ring == nil)
        #expect(try place(nil, text: Self.kick).ring == nil)
    }

    @Test func isForThemOnlyWhereItIsWorthwhile() throws {
        #expect(try place(.toGuestsThatKnowIt, text: Self.kick, isWorthwhile: false).ring == nil)
        #expect(try place(.toAll, text: Self.kick, isWorthwhile: false).ring != nil)
    }

    @Test(
        arguments: [
            ([0x90, 0x66, 0xBA, 0x00, 0x06], true), ([0xBA, 0xBA, 0x00, 0x06, 0x00, 0x00], true),
            ([0xBA, 0x00, 0x06], false), ([0xBA, 0x00, 0x06, 0x00, 0x01], false),
            ([0xBA, 0x00, 0x05, 0x00, 0x00], false), ([0xBA], false),
        ] as [([UInt8], Bool)])
    func recognisesTheKick(code: [UInt8], isKick: Bool) throws {
        #expect((try place(.toGuestsThatKnowIt, text: code).ring != nil) == isKick)
    }

    /// The image ends just past 1 MiB, and 512 KiB must be left.
    @Test(arguments: [(2, false), (4, true)] as [(UInt64, Bool)])
    func needsRoom(mebibytes: UInt64, hasRoom: Bool) throws {
        let result = try place(.toAll, text: [0x90], mebibytes: mebibytes)
        #expect((result.ring != nil) == hasRoom)
        #expect(result.warnings.count == (hasRoom ? 0 : 1))
    }

    @Test func aKickIsA32BitStore() {
        #expect(PlacedRing.isKick(.portWrite(port: 0x600, width: 4, value: 0xFFFF)))
        #expect(!PlacedRing.isKick(.portWrite(port: 0x600, width: 2, value: 0)))
        #expect(!PlacedRing.isKick(.portWrite(port: 0x601, width: 4, value: 0)))
        #expect(!PlacedRing.isKick(.portRead(port: 0x600, width: 4)))
    }

    @Test func theRunLoopServesKicksAndOnceMoreAtTheEnd() throws {
        let served = Served()
        let result = try place(.toAll, text: [0x90], served: served)
        let halt = Halt(exitStatus: 7, cookie: GuestAddress(0))
        var table = DispatchTable()
        try table.register(8, of: "test") { (_, _) throws(GuestFault) in .halt(halt) }
        let kick = Exit.portWrite(port: 0x600, width: 4, value: 0)
        var loop = HVTRunLoop(
            vcpu: ScriptedVCPU(kick, kick, .hypercall(8, 0)), memory: result.memory,
            server: HypercallServer(table))
        loop.ring = result.ring
        #expect(try loop.run() == halt)
        #expect(served.addresses.count == 3)
        // Without a ring, a kick is a port as any.
        let other = HVTRunLoop(
            vcpu: ScriptedVCPU(kick), memory: result.memory, server: HypercallServer(table))
        #expect(throws: TenderError.guest(.port(0x600))) { try other.run() }
    }

    /// However the guest ends, what a worker has put off is done.
    @Test(arguments: [.hypercall(8, 0), .hypercall(15, 0), .shutdown] as [Exit])
    func theRunLoopTellsOfTheEnd(_ end: Exit) throws {
        let served = Served()
        var table = DispatchTable()
        try table.register(8, of: "test") { (_, _) throws(GuestFault) in
            .halt(Halt(exitStatus: 7, cookie: GuestAddress(0)))
        }
        let result = try place(.toAll, text: [0x90], served: served)
        var loop = HVTRunLoop(
            vcpu: ScriptedVCPU(.interrupted, end), memory: result.memory,
            server: HypercallServer(table))
        loop.ring = result.ring
        _ = try? loop.run()
        #expect(served.interruptions == 2)
    }
}
