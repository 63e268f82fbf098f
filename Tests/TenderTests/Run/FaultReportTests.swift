import Hypervisor
import Testing

@testable import Tender

/// What is told about a guest that fails.
@Suite struct FaultReportTests {
    private let memory: GuestMemory

    init() throws {
        memory = try GuestMemory(start: GuestAddress(0x10_0000), count: 0x20_0000)
    }

    private func text(
        _ state: CPUState = CPUState(), address: UInt64? = nil,
        regions: [FaultReport.Region] = []
    ) -> String {
        FaultReport(memory: memory, regions: regions, symbols: nil).text(state, address: address)
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
            (0x30_0000, "behind the guest's memory, which ends at 0x300000"),
            (UInt64.max, "behind the guest's memory, which ends at 0x300000"),
        ])
    func places(address: UInt64, words: String) {
        let text = text(
            address: address,
            regions: [FaultReport.Region(name: "text", addresses: 0x11_0000..<0x12_0000)])
        #expect(text.hasPrefix("  address \(hexadecimal(address)): \(words)\n"))
    }

    @Test func registersInFiveRows() {
        var state = CPUState()
        (state.rip, state.r15, state.cr2) = (0x1234, .max, 0xABC)
        let lines = text(state).split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines.first == "  at 0x1234")
        #expect(lines[4].hasSuffix("  r15 ffffffffffffffff"))
        #expect(lines[5].hasPrefix("  rip 0000000000001234"))
        #expect(lines[5].contains("cr2 0000000000000abc"))
    }

    @Test("Page tables that lead anywhere are survived", arguments: [0, 0x10_0000, UInt64.max])
    func brokenTables(root: UInt64) throws {
        var state = CPUState()
        (state.cr0, state.efer) = (0x8000_0001, 0x500)
        (state.cr3, state.rbp) = (root, 0x10_0000)
        for word in 0..<512 { try memory.place(.max, at: 0x10_0000 + UInt64(word) * 8) }
        #expect(text(state).hasPrefix("  at 0x0\n"))
    }
}
