/// How a vCPU translates virtual addresses (Intel SDM volume 3, 4.1.1).
public struct Paging: Equatable, Sendable {
    public enum Mode: Equatable, Sendable {
        /// Virtual addresses are physical ones.
        case off
        /// Tables of 32-bit code, with or without PAE. No guest of ours runs such code.
        case legacy
        case fourLevels
        case fiveLevels
    }

    public let mode: Mode
    /// The physical address of the root table, without flags and process-context identifiers.
    public let root: UInt64

    public init(_ mode: Mode, root: UInt64) {
        self.mode = mode
        self.root = root & 0x000F_FFFF_FFFF_F000
    }

    /// As control registers and EFER say.
    public init(cr0: UInt64, cr3: UInt64, cr4: UInt64, efer: UInt64) {
        // CR0.PG; EFER.LMA; CR4.LA57.
        let mode: Mode =
            if cr0 >> 31 & 1 == 0 {
                .off
            } else if efer >> 10 & 1 == 0 {
                .legacy
            } else {
                cr4 >> 12 & 1 == 0 ? .fourLevels : .fiveLevels
            }
        self.init(mode, root: cr3)
    }
}

extension CPUState {
    public var paging: Paging { Paging(cr0: cr0, cr3: cr3, cr4: cr4, efer: efer) }
}
