import Architecture
import Hypervisor
import Testing

@testable import HVT
@testable import Tender

/// What an hvt guest starts with on aarch64 (solo5-hvt specification, 3.4).
@Suite("Guests of aarch64") struct AArch64BootTests {
    private func build(
        _ segments: [Segment] = [], memory count: UInt64 = 16 * mebibyte,
        isHeapExecutable: Bool = false
    ) throws -> GuestMemory {
        let memory = try GuestMemory(count: count)
        let page = try GuestTables<AArch64>.build(
            in: memory, segments: segments, isHeapExecutable: isHeapExecutable,
            hasExceptions: true)
        #expect(page == 0x1_0000_1000)
        return memory
    }

    private func state() -> AArch64.BootState {
        AArch64.state(entry: 0x10_0ABC, size: 512 * mebibyte)
    }

    private func walk(_ memory: GuestMemory) -> (UInt64) -> (physical: UInt64, attributes: UInt64)?
    {
        let state = state()
        let translation = AArch64.AddressTranslation(
            sctlr: state.sctlr, tcr: state.tcr, ttbr0: state.ttbr0, ttbr1: state.ttbr1)
        return { address in
            var last: UInt64 = 0
            let found = try? translation.physical(address) { (place) throws(GuestFault) in
                last = try memory.word(at: place)
                return last
            }
            return found.flatMap { $0 }.map { ($0.address, last & 0xFFF0_0000_0000_0FFC) }
        }
    }

    // Normal memory, inner shareable, accessed, with UXN; with PXN, and read-only, besides.
    private static let code: UInt64 = 0x0040_0000_0000_0710
    private static let data: UInt64 = 0x0060_0000_0000_0710
    private static let readOnly: UInt64 = 0x0060_0000_0000_0790

    @Test func fixedEntriesAreAsSpecified() throws {
        let memory = try build(memory: 8 * mebibyte)
        func entry(_ place: UInt64) throws -> UInt64 { try memory.word(at: place) }
        #expect(try entry(0x1000) == 0x2003 && entry(0x1008) == 0)
        for index: UInt64 in 0..<4 {
            #expect(try entry(0x2000 + index * 8) == 0x3003 + index * 0x1000)
        }
        #expect(try entry(0x2020) == 0x0060_0001_0000_0705)
        #expect(try entry(0x2028) == 0)
        #expect(try entry(0x3000) == 0x7003)
        // As the reference has them, with PXN added.
        for index: UInt64 in 1..<4 {
            #expect(try entry(0x3000 + index * 8) == index << 21 | 0x0060_0000_0000_0711)
        }
        #expect(try entry(0x3020) == 0)
        for index: UInt64 in 0..<512 {
            let expected: UInt64 =
                switch index {
                case ..<0x10: 0
                case ..<0x100: index << 12 | 0x0060_0000_0000_0793
                default: index << 12 | 0x0060_0000_0000_0713
                }
            #expect(try entry(0x7000 + index * 8) == expected)
        }
    }

    @Test func segmentsDecideWhatIsExecutable() throws {
        let page = walk(
            try build([
                PageTablesTests.segment(0x10_0000, 0x10_3000, executable: true),
                PageTablesTests.segment(0x10_3000, 0x10_4000),
                PageTablesTests.segment(0x10_4000, 0x10_6000, writable: true),
                PageTablesTests.segment(0x40_0000, 0x60_1000, executable: true),
            ]))
        for (address, attributes) in [
            (0x1_0000, Self.readOnly), (0xF_F000, Self.readOnly), (0x10_0000, Self.code),
            (0x10_2000, Self.code), (0x10_3000, Self.data), (0x10_4000, Self.data),
            (0x10_6000, Self.data), (0x20_0000, Self.data), (0x40_0000, Self.code),
            (0x5F_F000, Self.code), (0x60_0000, Self.code), (0x60_1000, Self.data),
            (0xFF_F000, Self.data),
        ] as [(UInt64, UInt64)] {
            let found = try #require(page(address))
            #expect(found.physical == address)
            // Pages and blocks differ in bit 1.
            #expect(found.attributes & ~2 == attributes)
        }
        for address: UInt64 in [0, 8, 0x1000, 0xF000, 0x100_0000, 0x2_0000_0000, .max - 7] {
            #expect(page(address) == nil)
        }
        #expect(page(0x1_0000_0010)?.physical == 0x1_0000_0010)
    }

    @Test func heapIsExecutableByChoice() throws {
        let page = walk(try build(isHeapExecutable: true))
        #expect(page(0x20_0000)?.attributes == Self.code)
        #expect(page(0x1_0000)?.attributes == Self.readOnly)
    }

    @Test func exceptionPagesAreInTheUpperHalf() throws {
        let page = walk(try build())
        let vectors = try #require(page(0xFFFF_FF00_0000_0000))
        #expect(vectors.physical == 0x9000 && vectors.attributes == 0x0040_0000_0000_0790)
        let device = try #require(page(0xFFFF_FF00_0000_1000))
        #expect(device.physical == 0x1_0000_1000 && device.attributes == 0x0060_0000_0000_0704)
        #expect(page(0xFFFF_FF00_0000_2000) == nil)
        #expect(page(0xFFFF_FF00_0020_0000) == nil)
    }

    /// Without it a guest that faults would do so for ever.
    @Test func scatteredImagesLeaveThemTheirRoom() throws {
        let count = 6 + 236 - 3
        for (used, hasRoom) in [(count, true), (count + 1, false)] {
            let memory = try GuestMemory(count: UInt64(used + 2) * 2 * mebibyte)
            let segments = (1...used).map { index in
                let start = UInt64(index) * 2 * mebibyte + 0x1_0000
                return PageTablesTests.segment(start, start + 0x1000, executable: true)
            }
            let build = {
                try GuestTables<AArch64>.build(
                    in: memory, segments: segments, isHeapExecutable: false, hasExceptions: true)
            }
            if hasRoom {
                #expect(try build() != nil)
            } else {
                #expect(throws: TenderError.tooFragmented) { try build() }
            }
        }
    }

    @Test func registersAreAsSpecified() {
        let state = state()
        #expect(state.entry == 0x10_0ABC && state.argument == 0x1_0000)
        #expect(state.stackPointer == 512 * mebibyte - 16)
        #expect(state.pstate == 0x3C5 && state.sctlr == 0x1005 && state.cpacr == 3 << 20)
        #expect(state.mair == 0x0000_BBFF_440C_0400)
        // As the reference has it, with the host's IPS.
        let size = AArch64.TranslationControl.physicalSize(memoryFeatures: 2)
        #expect(state.tcr | size == 0x32_B518_3518)
        #expect(state.ttbr0 == 0x1000 && state.vbar == 0)
    }

    @Test func vectorsArePlaced() throws {
        let memory = try build()
        let started = try AArch64.start(
            HVTBoot(memory: memory), entry: 0x10_0000, exceptions: 0x1_0000_1000)
        #expect(started.state.vbar == 0xFFFF_FF00_0000_0000 && started.state.ttbr1 == 0x8000)
        let table = try #require(started.exceptions)
        let placed = try memory.tenderRange(at: 0x9000, count: AArch64.ExceptionTable.size)
        #expect(memory.bytes(in: placed) == table.encoded)
    }

    // MARK: Exits

    @Test func hypercallsAreStoresOf32Bits() {
        let base: UInt64 = 0x1_0000_0000
        func hypercall(_ exit: Exit) -> Hypercall? { Hypercall(exit, on: AArch64.self) }
        for number in [0, 1, 8, 15] {
            let call = hypercall(
                .mmioWrite(address: base + UInt64(number) * 8, width: 4, value: 0xFFFF_FFF0))
            #expect(call?.number == number && call?.argument.value == 0xFFFF_FFF0)
        }
        for exit: Exit in [
            .mmioWrite(address: base + 8, width: 8, value: 1),
            .mmioWrite(address: base + 8, width: 1, value: 1),
            .mmioWrite(address: base + 12, width: 4, value: 1),
            .mmioWrite(address: base - 8, width: 4, value: 1),
            .mmioWrite(address: base + 128, width: 4, value: 1),
            .mmioWrite(address: .max, width: 4, value: 1),
            .mmioRead(address: base + 8, width: 4),
            .portWrite(port: 0x502, width: 4, value: 1),
        ] {
            #expect(hypercall(exit) == nil)
        }
    }

    @Test func kicks() {
        #expect(AArch64.isKick(.mmioWrite(address: 0x1_0000_0100, width: 4, value: 0)))
        #expect(!AArch64.isKick(.mmioWrite(address: 0x1_0000_0100, width: 8, value: 0)))
        #expect(!AArch64.isKick(.portWrite(port: 0x600, width: 4, value: 0)))
        #expect(X86_64.isKick(.portWrite(port: 0x600, width: 4, value: 0)))
    }

    @Test func vectorsExitByALoad() {
        #expect(AArch64.ExceptionTable.makes(.mmioRead(address: 0x1_0000_1000, width: 4)))
        #expect(!AArch64.ExceptionTable.makes(.mmioRead(address: 0x1_0000_1000, width: 8)))
        #expect(
            !AArch64.ExceptionTable.makes(.mmioWrite(address: 0x1_0000_1000, width: 4, value: 0)))
    }
}
