import ABI
import TestSupport
import Testing

@testable import HVT
@testable import Tender

/// What the guest is told (solo5-hvt specification, 4.2).
struct BootInformationTests {
    /// The bytes from the boot information on.
    private func bytes(_ memory: GuestMemory, count: Int) throws -> [UInt8] {
        memory.bytes(in: try memory.tenderRange(at: 0x1_0000, count: count))
    }

    private func place(
        _ manifest: ApplicationManifest, _ commandLine: [UInt8]
    ) throws -> GuestMemory {
        let memory = try GuestMemory(count: 4 * mebibyte)
        try HVTBoot(memory: memory).placeInformation(
            manifest: manifest, commandLine: commandLine, kernelEnd: 0x12_3000,
            counterFrequency: 0x1122_3344_5566_7788)
        return memory
    }

    @Test func informationIsInPlace() throws {
        let devices = [ManifestEntry(name: "net", type: .net)]
        let memory = try place(ApplicationManifest(devices: devices), Array("a b".utf8))
        let information = try memory.load(hvt_boot_info.self, at: GuestAddress(0x1_0000))
        #expect(information.mem_size == 4 * mebibyte)
        #expect(information.kernel_end == 0x12_3000)
        #expect(information.cpu_cycle_freq == 0x1122_3344_5566_7788)
        #expect(information.manifest == 0x1_0038)
        #expect(information.cmdline == 0x1_0038 + 8 + 2 * 104)
        #expect(information.host_features == 0)
        #expect(information.guest_features == 0)
        #expect(information.net_ring == 0)
    }

    /// Guests take what is not zero there for an offer.
    @Test func noRingIsOffered() throws {
        let memory = try place(ApplicationManifest(devices: []), [])
        #expect(try bytes(memory, count: 56)[40..<56].allSatisfy { $0 == 0 })
    }

    @Test func manifestAndCommandLineFollow() throws {
        var net = ManifestEntry(name: "net", type: .net)
        net.mac = [2, 0, 0, 0, 0, 1]
        net.isAttached = true
        let manifest = ApplicationManifest(devices: [net])
        let memory = try place(manifest, Array("--x=1 y".utf8))
        let found = try bytes(memory, count: 56 + 216 + 8)
        #expect(Array(found[56..<272]) == manifest.encoded())
        #expect(Array(found[272...]) == Array("--x=1 y".utf8) + [0])
    }

    /// With one entry, as the reference has it.
    @Test func exampleOfTheSpecification() throws {
        let memory = try place(ApplicationManifest(devices: []), [])
        let information = try memory.load(hvt_boot_info.self, at: GuestAddress(0x1_0000))
        #expect(information.manifest == 0x1_0038 && information.cmdline == 0x1_00A8)
    }

    @Test func commandLineMayBeEmpty() throws {
        let memory = try place(ApplicationManifest(devices: []), [])
        #expect(try bytes(memory, count: 0x1000)[168...].allSatisfy { $0 == 0 })
    }

    /// The most of both stays clear of what comes next, page tables.
    @Test func mostFits() throws {
        let devices = (1..<64).map { ManifestEntry(name: "device\($0)", type: .block) }
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: Int(HVT_CMDLINE_SIZE) - 1)
        let memory = try place(ApplicationManifest(devices: devices), line)
        let information = try memory.load(hvt_boot_info.self, at: GuestAddress(0x1_0000))
        let end = information.cmdline + UInt64(line.count)
        #expect(information.cmdline == 0x1_0040 + 64 * 104)
        #expect(end < HVTMemoryMap.morePages.lowerBound)
        let found = try bytes(memory, count: 0x4000)
        let start = Int(information.cmdline - 0x1_0000)
        let isInPlace = Array(found[start..<start + 8192]) == line + [0]
        #expect(isInPlace)
        #expect(found[Int(end - 0x1_0000)...].allSatisfy { $0 == 0 })
    }

    // MARK: Plans

    @Test(arguments: [0, 1, 8191])
    func acceptsCommandLine(_ count: Int) throws {
        let directory = try TemporaryDirectory()
        let image = try HVTImage(path: ELFBuilder.guest().write(to: directory))
        let line = [UInt8](repeating: 1, count: count)
        let plan = try HVTPlan(image: image, memorySize: .standard, commandLine: line)
        #expect(plan.commandLine == line && !plan.isHeapExecutable)
        #expect(plan.segments.count == 3)
    }

    @Test(arguments: [8192, 8193, 100_000])
    func refusesCommandLine(_ count: Int) throws {
        let directory = try TemporaryDirectory()
        let image = try HVTImage(path: ELFBuilder.guest().write(to: directory))
        #expect(throws: TenderError.commandLineTooLong(count: count, most: 8191)) {
            try HVTPlan(
                image: image, memorySize: .standard,
                commandLine: [UInt8](repeating: 1, count: count))
        }
    }
}
