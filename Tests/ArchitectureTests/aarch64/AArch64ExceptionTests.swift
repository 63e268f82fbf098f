import Testing

@testable import Architecture

@Suite("Exceptions on aarch64") struct AArch64ExceptionTests {
    private static let table = AArch64.ExceptionTable(at: 0xFFFF_FF00_0000_0000)

    /// ldr wzr, <label>: imm19 in words, relative to the instruction; then b to it.
    @Test func vectorsLoadFromTheNextPage() {
        let bytes = Self.table.encoded
        #expect(bytes.count == 2048)
        for vector in 0..<16 {
            let words = (0..<32).map { word in
                bytes[vector * 128 + word * 4..<vector * 128 + word * 4 + 4].reversed()
                    .reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            #expect(words[0] & 0xFF00_001F == 0x1800_001F)
            let distance = Int(words[0] >> 5 & 0x7_FFFF) * 4
            #expect(vector * 128 + distance == 0x1000)
            #expect(words[1] == 0x17FF_FFFF)
            #expect(words[2...].allSatisfy { $0 == 0 })
        }
    }

    @Test func exceptionsAreToldByTheVector() throws {
        var state = AArch64.Registers()
        (state.elr, state.spsr, state.esr, state.far) = (0x10_0004, 0x8000_03C5, 0x9600_0045, 8)
        for (offset, vector) in [(0, 0), (0x200, 4), (0x204, 4), (0x780, 15)] as [(UInt64, UInt8)] {
            state.pc = Self.table.address + offset
            let exception = try #require(Self.table.exception(state))
            #expect(exception.vector == vector && exception.programCounter == 0x10_0004)
        }
        state.pc = Self.table.address + 0x200
        let exception = try #require(Self.table.exception(state))
        exception.apply(to: &state)
        #expect(state.pc == 0x10_0004 && state.pstate == 0x8000_03C5)
        #expect(exception.hasPageFault)
        // The guest is elsewhere.
        for place in [Self.table.address + 0x800, Self.table.address - 4, 0x10_0000] {
            state.pc = place
            #expect(Self.table.exception(state) == nil)
        }
    }

    @Test(
        arguments: [
            (0x9600_0005, "data abort (syndrome 0x96000005): read from a page that is not mapped"),
            (
                0x9600_004F,
                "data abort (syndrome 0x9600004f): write to a page that does not allow it"
            ),
            (
                0x8600_000E,
                "instruction abort (syndrome 0x8600000e): instruction fetch from a page that does not "
                    + "allow it"
            ),
            (0x9600_0061, "data abort (syndrome 0x96000061): write to a misaligned address"),
            (
                0x9600_0010,
                "data abort (syndrome 0x96000010): read from memory that the host does not have"
            ),
            (0x0200_0000, "undefined instruction (syndrome 0x2000000)"),
            (0xF200_0007, "breakpoint, BRK (syndrome 0xf2000007)"),
            (0x5600_0003, "supervisor call, SVC (syndrome 0x56000003)"),
            (0x8A00_0000, "misaligned program counter (syndrome 0x8a000000)"),
            (
                0x1FE0_0000,
                "access to floating point or vector registers, which are off (syndrome 0x1fe00000)"
            ),
            (0xDA00_0000, "exception of class 0x36 (syndrome 0xda000000)"),
        ] as [(UInt64, String)])
    func words(_ syndrome: UInt64, _ words: String) {
        let frame = AArch64.TrapFrame(pc: 0, pstate: 0)
        let exception = AArch64.GuestException(
            vector: 4, syndrome: syndrome, address: 0, frame)
        #expect(exception.words == words)
        #expect(
            AArch64.GuestException(vector: 5, syndrome: syndrome, address: 0, frame).words
                == "interrupt (IRQ)")
    }

    @Test func addresses() {
        for (syndrome, hasAddress) in [
            (0x9600_0005, true), (0x8600_0005, true), (0x8A00_0000, true), (0x0200_0000, false),
            (0xF200_0007, false), (0x9600_0410, false), (0x5600_0003, false),
        ] as [(UInt64, Bool)] {
            #expect(AArch64.Syndrome(rawValue: syndrome).hasAddress == hasAddress)
        }
    }

    /// The stack pointer is that of PSTATE.SP.
    @Test func registers() {
        var state = AArch64.Registers()
        (state.sp, state.sp0) = (0x1000, 0x2000)
        for (pstate, pointer) in [(0x3C5, 0x1000), (0x3C4, 0x2000), (0x3C0, 0x2000)]
            as [(UInt64, UInt64)]
        {
            state.pstate = pstate
            #expect(state.stackPointer == pointer)
        }
        #expect(!state.isPrivileged)
        state.stackPointer = 0x3000
        #expect(state.sp0 == 0x3000 && state.sp == 0x1000)
        state[30] = 7
        state[31] = 8
        #expect(state[30] == 7 && state[31] == 0 && state.returnAddress == 7)
        #expect(state.coreRegisters.count == AArch64.Registers.coreRegisterCount)
        #expect(state.rows.flatMap { $0 }.count == 36)
        #expect(state.rows.flatMap { $0 }.allSatisfy { $0.name.utf8.count <= 4 })
    }
}
