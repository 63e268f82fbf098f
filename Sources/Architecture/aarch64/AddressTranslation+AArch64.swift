extension AArch64 {
    /// A vCPU's paging state at exception levels 0 and 1, with 4 KiB pages (Arm ARM, D8.2).
    public struct AddressTranslation: Equatable, Sendable {
        // log2 of the bytes that an entry covers, on the last level and on the highest.
        static var pageShift: UInt64 { 12 }
        static var highestShift: UInt64 { 39 }

        /// Whether translation is on (SCTLR_EL1.M).
        private let isOn: Bool
        /// TCR_EL1.
        private let control: UInt64
        /// TTBR0_EL1 and TTBR1_EL1, without flags.
        private let lower: UInt64
        private let upper: UInt64

        public init(sctlr: UInt64, tcr: UInt64, ttbr0: UInt64, ttbr1: UInt64) {
            isOn = sctlr & 1 != 0
            control = tcr
            // Bits 48 to 63 are the ASID; bit 0 is CnP.
            lower = ttbr0 & 0x0000_FFFF_FFFF_FFFE
            upper = ttbr1 & 0x0000_FFFF_FFFF_FFFE
        }

        /// One of the two halves of the address space.
        private struct Half {
            let root: UInt64
            /// The number of address bits that are translated.
            let bits: UInt64
            /// What the bits above them are.
            let high: UInt64

            /// The address bits below the root table's index.
            var rootShift: UInt64 { (bits - pageShift - 1) / 9 * 9 + pageShift }
            /// Root tables can be smaller than a page.
            var rootCount: UInt64 { 1 << (bits - rootShift) }
        }

        /// The half of an address; nil if it is unused, or not of 4 KiB pages, whose tables no
        /// supported guest has.
        private func half(isUpper: Bool) -> Half? {
            // T1SZ, EPD1 and TG1 (2 means 4 KiB); T0SZ, EPD0 and TG0 (0 means 4 KiB).
            let fields = isUpper ? control >> 16 : control
            let granule = isUpper ? control >> 30 & 3 : control >> 14 & 3
            let bits = 64 - (fields & 0x3F)
            guard fields >> 7 & 1 == 0, granule == (isUpper ? 2 : 0), (25...48).contains(bits)
            else { return nil }
            return Half(root: isUpper ? upper : lower, bits: bits, high: isUpper ? .max : 0)
        }
    }
}

extension AArch64.AddressTranslation: TableWalk {
    private typealias Entry = AArch64.PageTableEntry

    public var root: UInt64 { lower }

    /// TBI0 and TBI1: whether the top byte of an address is ignored.
    private func stripped(_ address: UInt64, isUpper: Bool) -> UInt64 {
        guard control >> (isUpper ? 38 : 37) & 1 != 0 else { return address }
        return isUpper ? address | 0xFF << 56 : address & ~(0xFF << 56)
    }

    public func physical<Failure: Error>(
        _ address: UInt64, entry: (_ address: UInt64) throws(Failure) -> UInt64
    ) throws(Failure) -> (address: UInt64, count: UInt64)? {
        // At least one byte.
        if !isOn { return (address, max(1, UInt64.max - address)) }
        let isUpper = address >> 55 & 1 != 0
        let address = stripped(address, isUpper: isUpper)
        guard let half = half(isUpper: isUpper), address >> half.bits == half.high >> half.bits
        else { return nil }
        var table = half.root
        for shift in stride(from: half.rootShift, through: Self.pageShift, by: -9) {
            let count = shift == half.rootShift ? half.rootCount : 512
            let entryAddress = table &+ (address >> shift % count) << 3
            let entry = Entry(rawValue: try entry(entryAddress))
            guard entry.isValid(shift) else { return nil }
            if entry.isPage(shift) {
                let size = UInt64(1) << shift
                let offset = address & (size - 1)
                return (entry.address & ~(size - 1) | offset, size - offset)
            }
            table = entry.address
        }
        return nil
    }

    public func forEachPage(
        entry: (_ address: UInt64) -> UInt64?, _ visit: (MappedRange) -> Bool
    ) {
        guard isOn else { return }
        // Bounds the walk: malicious tables can refer to each other many times.
        var budget = 1 << 18
        for isUpper in [false, true] {
            guard let half = half(isUpper: isUpper) else { continue }
            let base = half.bits == 64 ? 0 : half.high << half.bits
            guard walk(half.root, half.rootShift, half.rootCount, base, &budget, entry, visit)
            else { return }
        }
    }

    /// - Returns: false if `visit` returned false, or the budget is used up.
    private func walk(
        _ table: UInt64, _ shift: UInt64, _ count: UInt64, _ base: UInt64, _ budget: inout Int,
        _ read: (_ address: UInt64) -> UInt64?, _ visit: (MappedRange) -> Bool
    ) -> Bool {
        for index in 0..<count {
            budget -= 1
            guard budget > 0 else { return false }
            guard let word = read(table &+ index << 3) else { continue }
            let entry = Entry(rawValue: word)
            guard entry.isValid(shift) else { continue }
            let address = base | index << shift
            if entry.isPage(shift) {
                let size = UInt64(1) << shift
                let physical = entry.address & ~(size - 1)
                let page = MappedRange(address: address, physical: physical, count: size)
                guard visit(page) else { return false }
            } else if entry.address != table {
                guard walk(entry.address, shift - 9, 512, address, &budget, read, visit) else {
                    return false
                }
            }
        }
        return true
    }
}
