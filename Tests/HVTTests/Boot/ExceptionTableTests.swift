import Architecture
import Hypervisor
import Linux
import Testing

@testable import HVT
@testable import Tender
@testable import TenderSupport

/// The interrupt table that guests start with, as the processor reads it, and what is made of a vCPU
/// in one of its stubs.
struct ExceptionTableTests {
    private static let table = ExceptionTable(at: 0xFFFF_8000_0000_0100)
    private static var stubs: UInt64 { table.address + 512 }
    private static var bytes: [UInt8] {
        table.words.flatMap { word in
            stride(from: 0, to: 64, by: 8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    // MARK: The table

    @Test func gatesLeadToStubs() {
        let bytes = Self.bytes
        #expect(bytes.count == ExceptionTable.size)
        for vector in 0..<32 {
            let gate = Array(bytes[vector * 16..<vector * 16 + 16])
            let offset = [gate[0], gate[1], gate[6], gate[7], gate[8], gate[9], gate[10], gate[11]]
            let stub = offset.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            #expect(stub == Self.stubs + UInt64(vector * 4))
            // Code segment 8, stack 1, a present interrupt gate for ring 0.
            #expect(Array(gate[2..<6]) == [8, 0, 1, 0x8E] && gate[12...] == [0, 0, 0, 0])
        }
        // Each stub writes to the port, again and again.
        for stub in 0..<32 {
            #expect(bytes[(512 + stub * 4)...].prefix(4) == [0xE6, 0xF4, 0xEB, 0xFC])
        }
    }

    @Test func taskHasOneStackAndNoPorts() {
        let task: UInt64 = 0xFFFF_8000_0000_1000
        let bytes = ExceptionTable.encodedTask(at: task)
        #expect(bytes.count == 104)
        let stack = bytes[36..<44].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        #expect(stack == task + 256)
        #expect(bytes[102] == 104 && bytes[103] == 0)
        #expect((bytes[..<36] + bytes[44..<102]).allSatisfy { $0 == 0 })
    }

    // MARK: Where hvt guests have it

    private func build(_ segments: [Segment] = []) throws -> (GuestMemory, UInt64?) {
        let memory = try GuestMemory(count: 4 * mebibyte)
        let task = try PageTables.build(
            in: memory, segments: segments, isHeapExecutable: false, hasExceptions: true)
        return (memory, task)
    }

    @Test func guestsHaveItInTheUpperHalf() throws {
        let (memory, task) = try build()
        let walk = PageWalk(memory: memory)
        #expect(
            try walk.page(at: 0xFFFF_8000_0000_0000)
                == PageTablesTests.Page(
                    physical: 0x1000, isWritable: false, isExecutable: true, isLarge: false))
        #expect(
            try walk.page(at: 0xFFFF_8000_0000_1000)
                == PageTablesTests.Page(
                    physical: #require(task), isWritable: true, isExecutable: false, isLarge: false
                ))
        #expect(try walk.page(at: 0xFFFF_8000_0000_2000) == nil)
        #expect(try walk.page(at: 0xFFFF_8000_0020_0000) == nil)
        #expect(try walk.page(at: 0xFFFF_FFFF_FFFF_F000) == nil)
        // What guests see elsewhere is the same as without.
        for address in stride(from: 0, to: 0x1_0000 as UInt64, by: 0x1000) {
            #expect(try walk.page(at: address) == nil)
        }
        for address in stride(from: 0x1_0000, to: 0x10_0000 as UInt64, by: 0x1000) {
            #expect(
                try walk.page(at: address) == PageTablesTests.identity(address, writable: false))
        }
        try HVTBoot(memory: memory).protect([])
        for access in [GuestMemory.Access.read, .write] {
            #expect(throws: GuestFault.self) {
                try memory.range(at: GuestAddress(#require(task)), count: 8, for: access)
            }
        }
    }

    @Test func scatteredImagesComeFirst() throws {
        let count = PageTableRoomTests.spare
        for (used, hasRoom) in [(count - 4, true), (count - 3, false), (count, false)] {
            let memory = try GuestMemory(count: UInt64(used + 2) * 2 * mebibyte)
            let segments = (1...used).map { index in
                let start = UInt64(index) * 2 * mebibyte + 0x1_0000
                return PageTablesTests.segment(start, start + 0x1000, executable: true)
            }
            let task = try PageTables.build(
                in: memory, segments: segments, isHeapExecutable: false, hasExceptions: true)
            #expect((task != nil) == hasRoom)
            let page = try PageWalk(memory: memory).page(at: 0xFFFF_8000_0000_0000)
            #expect((page != nil) == hasRoom)
        }
    }

    @Test func bootStateNamesIt() throws {
        let (memory, task) = try build()
        let boot = HVTBoot(memory: memory)
        try boot.placeDescriptorTable()
        var state = boot.state(entry: 0x10_0000)
        let table = try boot.placeExceptionTable(task: #require(task), &state)
        #expect(table == Self.table)
        #expect(state.gdtBase == 0xFFFF_8000_0000_0000 && state.gdtLimit == 23)
        #expect(state.idtBase == table.address && state.idtLimit == 511)
        #expect(state.taskBase == 0xFFFF_8000_0000_1000 && state.taskLimit == 103)
        let placed = try memory.tenderRange(at: 0x1100, count: ExceptionTable.size)
        #expect(memory.bytes(in: placed) == Self.bytes)
    }

    // MARK: Exits

    /// A vCPU in a stub, with `words` on its stack.
    private func state(
        _ vector: UInt64, offset: UInt64 = 0, _ words: [UInt64], in memory: GuestMemory
    ) throws -> Registers {
        var state = Registers()
        (state.cr0, state.efer) = (0x8000_0021, 0xD00)
        (state.cr3, state.rip) = (0x2000, Self.stubs + vector * 4 + offset)
        state.rsp = 0x30_0000
        for (index, word) in words.enumerated() {
            try memory.place(word, at: state.rsp + UInt64(index) * 8)
        }
        return state
    }

    @Test("The vector, by the place of the OUT or of what follows it", arguments: 0..<32, [0, 2])
    func frames(vector: Int, offset: UInt64) throws {
        let (memory, _) = try build()
        let hasCode = [8, 10, 11, 12, 13, 14, 17, 21, 29, 30].contains(vector)
        let frame: [UInt64] = [0x10_0123, 8, 0x1_0046, 0x20_0000, 0x10]
        let state = try self.state(
            UInt64(vector), offset: offset, (hasCode ? [0x5] : []) + frame, in: memory)
        let exception = try #require(Self.table.exception(state, memory))
        #expect(exception.vector == vector && exception.errorCode == (hasCode ? 5 : nil))
        var before = state
        exception.apply(to: &before)
        #expect(before.rip == 0x10_0123 && before.rsp == 0x20_0000)
        // Without the flag that the processor sets for its own sake.
        #expect(before.rflags == 0x46 && before.cs.selector == 8 && before.ss.selector == 0x10)
    }

    @Test("A vCPU elsewhere, or with no stack, is in no stub")
    func elsewhere() throws {
        let (memory, _) = try build()
        var state = try state(14, [2, 0x10_0123, 8, 2, 0x20_0000, 0x10], in: memory)
        for rip in [0, 0x10_0000, Self.stubs - 1, Self.stubs + 128, .max] {
            state.rip = rip
            #expect(Self.table.exception(state, memory) == nil)
        }
        state.rip = Self.stubs
        for rsp in [0, 8, 0xFFFF, 4 * mebibyte - 8, 4 * mebibyte, 1 << 47, .max, .max - 7] {
            state.rsp = rsp
            #expect(Self.table.exception(state, memory) == nil)
        }
    }

    @Test("A run that gets there ends as a triple fault would")
    func runs() throws {
        let (memory, _) = try build()
        let registers = try state(6, [0x10_0123, 8, 2, 0x20_0000, 0x10], in: memory)
        for (exit, rip, fault) in [
            (Exit.portWrite(port: 0xF4, width: 1, value: 0), registers.rip, true),
            (.portWrite(port: 0xF4, width: 1, value: 0), 0x10_0000, false),
            (.portWrite(port: 0xF4, width: 4, value: 0), registers.rip, false),
            (.portWrite(port: 0xF5, width: 1, value: 0), registers.rip, false),
            (.portRead(port: 0xF4, width: 1), registers.rip, false),
        ] {
            let vcpu = ScriptedVCPU(exit)
            (vcpu.registers, vcpu.position) = (registers, .success(rip))
            let loop = HVTRunLoop(
                vcpu: vcpu, memory: memory, server: HypercallServer(DispatchTable()),
                exceptions: Self.table)
            let error = #expect(throws: TenderError.self) { try loop.run() }
            let text =
                fault
                ? "KVM: unhandled exit: exit_reason=0x8 (triple fault), rip=0x100123"
                : "Invalid guest port access: port=0x"
            #expect(error?.description.hasPrefix(text) == true, "\(exit)")
        }
    }
}
