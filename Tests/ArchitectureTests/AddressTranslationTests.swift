import Testing

@testable import Architecture

/// Which page tables a vCPU uses.
@Suite("How addresses are translated") struct AddressTranslationTests {
    /// CR0.PG, CR4.PAE, CR4.LA57, EFER.LME and EFER.LMA.
    @Test(
        arguments: [
            (0x11, 0x20, 0, .off), (0x6000_0010, 0, 0, .off), (0x8000_0011, 0, 0, .legacy),
            (0x8000_0011, 0x20, 0x100, .legacy), (0x8000_0011, 0x20, 0x500, .fourLevels),
            (0x8000_0011, 0x1020, 0x500, .fiveLevels), (0x8000_0011, 0x1020, 0, .legacy),
            (0x11, 0x1020, 0x100, .off),
        ] as [(UInt64, UInt64, UInt64, AddressTranslation.Mode)])
    func modes(_ cr0: UInt64, _ cr4: UInt64, _ efer: UInt64, _ mode: AddressTranslation.Mode) {
        let translation = AddressTranslation(
            cr0: cr0, cr3: 0xFFF0_0000_0000_5FFF, cr4: cr4, efer: efer)
        #expect(translation == AddressTranslation(mode, root: 0x5000))
        #expect(translation.root == 0x5000)
        var state = Registers()
        (state.cr0, state.cr3, state.cr4, state.efer) = (cr0, 0x5018, cr4, efer)
        #expect(state.translation == translation)
    }
}
