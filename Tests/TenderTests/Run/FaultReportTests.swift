import Architecture
import Hypervisor
import Testing

@testable import Tender
@testable import TenderSupport

/// What is told about a guest that fails.
@Suite struct FaultReportTests {
    private let memory: GuestMemory

    init() throws {
        memory = try GuestMemory(start: GuestAddress(0x10_0000), count: 0x20_0000)
    }

    private func text(
        _ state: Registers = Registers(), address: UInt64? = nil,
        regions: [FaultReport.Region] = []
    ) -> String {
        FaultReport(memory: memory, regions: regions, symbols: nil, on: KVMVCPU.backEnd)
            .text(state, address: address)
    }

    @Test(
        "Where an address lies",
        arguments: [
            (0, "before the guest's memory, which begins at 0x100000"),
            (0x0F_FFFF, "before the guest's memory, which begins at 0x100000"),
            (0x10_0000, "in the guest's memory"),
            (0x11_0000, "in text, 0x110000 to 0x120000"),
            (0x11_FFFF, "in text, 0x110000 to 0x120000"),
            (0x12_0000, "in the guest's memory"),
            (0x30_0000, "past the guest's memory, which ends at 0x300000"),
            (UInt64.max, "past the guest's memory, which ends at 0x300000"),
        ])
    func places(address: UInt64, words: String) {
        let text = text(
            address: address,
            regions: [FaultReport.Region(name: "text", addresses: 0x11_0000..<0x12_0000)])
        #expect(text.hasPrefix("  address \(hexadecimal(address)): \(words)\n"))
    }

    @Test func registersInFiveRows() {
        var state = Registers()
        (state.rip, state.r15, state.cr2) = (0x1234, .max, 0xABC)
        let lines = text(state).split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines.first == "  at 0x1234")
        #expect(lines[4].hasSuffix("  r15 ffffffffffffffff"))
        #expect(lines[5].hasPrefix("  rip 0000000000001234"))
        #expect(lines[5].contains("cr2 0000000000000abc"))
    }

    private func words(
        _ exit: Exit, _ exception: GuestException? = nil, _ state: Registers = Registers(),
        failure: EmulationFailure? = nil
    ) throws -> [Substring] {
        let vcpu = ScriptedVCPU()
        vcpu.emulationFailure = failure
        let cause = FaultCause(exit, exception, state, of: vcpu)
        let report = FaultReport(memory: memory, symbols: nil, on: KVMVCPU.backEnd)
            .text(state, cause: cause)
        return report.split(separator: "\n")
    }

    @Test(
        "Exceptions, by name",
        arguments: [
            (0, nil, "divide error (vector 0)"), (6, nil, "invalid opcode (vector 6)"),
            (13, 0x18, "general protection (vector 13, error code 0x18)"),
            (9, nil, "exception (vector 9)"),
            (14, 0, "page fault (vector 14, error code 0x0): read from a page that is not present"),
            (
                14, 3,
                "page fault (vector 14, error code 0x3): write to a page that does not allow it"
            ),
            (
                14, 0x11,
                "page fault (vector 14, error code 0x11): instruction fetch from a page that does "
                    + "not allow it"
            ),
            (
                14, 9,
                "page fault (vector 14, error code 0x9): reserved bits are set in a page table"
            ),
        ] as [(UInt8, UInt64?, String)])
    func exceptions(vector: UInt8, errorCode: UInt64?, words: String) throws {
        let exception = GuestException(
            vector: vector, errorCode: errorCode ?? 0,
            TrapFrame(rip: 0, cs: 8, rflags: 2, rsp: 0, ss: 0x10))
        var state = Registers()
        state.cr2 = 0xABC
        let lines = try self.words(.shutdown, exception, state)
        // Others have nothing to do with the last page fault.
        let isPageFault = vector == 14
        #expect(lines[0].hasPrefix("  address 0xabc (of the last page fault)") == isPageFault)
        #expect(lines[isPageFault ? 1 : 0] == "  at 0x0: \(words)")
    }

    @Test("After a reset all else is lost") func reset() throws {
        var state = Registers()
        (state.rip, state.cr2) = (0xFFF0, 0)
        #expect(
            try words(.shutdown, nil, state) == [
                "  at 0xfff0: KVM has reset the vCPU, as it does on AMD processors, so where the "
                    + "guest was is not known"
            ])
        // No guest runs without page tables; with them it can be there by itself.
        state.cr3 = 0x2000
        #expect(try words(.shutdown, nil, state)[0] == "  at 0xfff0")
    }

    @Test("Instructions that KVM can't emulate") func emulation() throws {
        let ring0 = "this host's KVM emulates ring 0, for its processor has neither VMX nor SVM"
        var state = Registers()
        for (bytes, emulates, ring, text) in [
            ([0x0F, 0x10], true, 0, ", which begins with 0f 10; \(ring0)"),
            ([0x0F, 0x10], false, 0, ", which begins with 0f 10"),
            ([0x0F, 0x10], true, 3, ", which begins with 0f 10"),
            // Not told, and not to be found either.
            ([], false, 0, ""),
        ] as [([UInt8], Bool, UInt16, String)] {
            state.cs.selector = 8 | ring
            let failure = EmulationFailure(
                instruction: bytes, privilegedReason: emulates ? ring0 : nil)
            #expect(
                try words(.internalError(suberror: 1), nil, state, failure: failure)[0]
                    == "  at 0x0: KVM can't emulate this instruction\(text)")
            // Other errors are about something else.
            #expect(
                try words(.internalError(suberror: 3), nil, state, failure: failure)[0]
                    == "  at 0x0")
        }
    }

    @Test("Page tables that lead anywhere are survived", arguments: [0, 0x10_0000, UInt64.max])
    func brokenTables(root: UInt64) throws {
        var state = Registers()
        (state.cr0, state.efer) = (0x8000_0001, 0x500)
        (state.cr3, state.rbp) = (root, 0x10_0000)
        for word in 0..<512 { try memory.place(.max, at: 0x10_0000 + UInt64(word) * 8) }
        #expect(text(state).hasPrefix("  at 0x0\n"))
    }
}
