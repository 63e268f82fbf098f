import Architecture
import Hypervisor
import Linux
import Testing

@testable import Tender

/// A processor family as aarch64 is one, as far as the core's reports need it.
private enum Other {
    struct Registers: RegisterSet {
        var x29: UInt64 = 0
        var pc: UInt64 = 0
        var sp: UInt64 = 0
        var far: UInt64 = 0
        var ttbr0: UInt64 = 0

        static var programCounterName: String { "pc" }
        var programCounter: UInt64 {
            get { pc }
            set { pc = newValue }
        }
        var stackPointer: UInt64 {
            get { sp }
            set { sp = newValue }
        }
        var framePointer: UInt64 { x29 }
        var faultAddress: UInt64 { far }
        var translation: Translation { Translation(root: ttbr0) }
        var isPrivileged: Bool { true }
        var isReset: Bool { false }
        var rows: [[(name: String, value: UInt64)]] {
            [[("x29", x29), ("sp", sp)], [("pc", pc), ("far", far)]]
        }
        var coreRegisters: [UInt64] { [x29, sp, pc] }
        static var coreRegisterCount: Int { 3 }
        static var elfMachine: UInt16 { 183 }
        static var longestInstruction: Int { 4 }
    }

    /// One level of tables, with pages of 4 KiB.
    struct Translation: TableWalk {
        let root: UInt64

        func physical<Failure: Error>(
            _ address: UInt64, entry: (UInt64) throws(Failure) -> UInt64
        ) throws(Failure) -> (address: UInt64, count: UInt64)? {
            guard address < 512 << 12 else { return nil }
            let page = try entry(root + (address >> 12) << 3)
            guard page & 1 != 0 else { return nil }
            return (page & ~0xFFF | address & 0xFFF, 0x1000 - address & 0xFFF)
        }

        func forEachPage(entry: (UInt64) -> UInt64?, _ visit: (MappedRange) -> Bool) {
            for index: UInt64 in 0..<512 {
                guard let page = entry(root + index << 3), page & 1 != 0 else { continue }
                let range = MappedRange(
                    address: index << 12, physical: page & ~0xFFF, count: 0x1000)
                guard visit(range) else { return }
            }
        }
    }
}

@Suite("Another processor family") struct OtherArchitectureTests {
    private let memory: GuestMemory

    init() throws {
        memory = try GuestMemory(start: GuestAddress(0x10_0000), count: 0x10_000)
        // Virtual 0x5000 and 0x6000 are the pages at 0x104000 and 0x105000.
        try memory.place(0x10_4001, at: 0x10_0000 + 5 * 8)
        try memory.place(0x10_5001, at: 0x10_0000 + 6 * 8)
        try memory.place([0x1F, 0x20, 0x03, 0xD5, 0xC0], at: 0x10_4010)
    }

    private var registers: Other.Registers {
        Other.Registers(x29: 1, pc: 0x5010, sp: 2, far: 0x10_0008, ttbr0: 0x10_0000)
    }

    @Test("Its tables are walked in the guest's memory") func walk() throws {
        let space = AddressSpace(memory: memory, translation: registers.translation)
        #expect(try space.physical(0x5FFF) == (0x10_4FFF, 1))
        #expect(throws: Errno(14)) { try space.physical(0x4000) }
        let piece = try space.piece(at: 0x5800, upTo: 0x4000, for: .read)
        #expect(piece.start == GuestAddress(0x10_4800) && piece.count == 0x1800)
        #expect(
            space.mappedRanges(upTo: 8)
                == [MappedRange(address: 0x5000, physical: 0x10_4000, count: 0x2000)])
    }

    @Test("Reports have its registers, and no byte more than its instructions have") func report() {
        let failure = EmulationFailure(instruction: [], privilegedReason: "it has no EL2")
        let text = FaultReport(memory: memory, symbols: nil, on: KVMVCPU.backEnd)
            .text(registers, cause: .emulation(failure))
        #expect(
            text == """
                  at 0x5010: KVM can't emulate this instruction, which begins with 1f 20 03 d5; it \
                has no EL2
                  x29 0000000000000001  sp  0000000000000002
                  pc  0000000000005010  far 0000000000100008
                """)
    }
}
