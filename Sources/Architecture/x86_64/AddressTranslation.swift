extension X86_64 {
    /// A vCPU's paging mode and root table (Intel SDM volume 3, 4.1.1).
    public struct AddressTranslation: Equatable, Sendable {
        public enum Mode: Equatable, Sendable {
            /// Paging is off.
            case off
            /// 32-bit or PAE paging. No supported guest uses it; its tables are not read, and
            /// nothing counts as mapped.
            case legacy
            case fourLevels
            case fiveLevels
        }

        public let mode: Mode
        /// The physical address of the root table, without flags and PCID.
        public let root: UInt64

        public init(_ mode: Mode, root: UInt64) {
            self.mode = mode
            self.root = root & PageTableEntry.addressMask
        }

        /// The mode that the control registers and EFER select.
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
}

// Intel SDM volume 3, 4.5.
extension X86_64.AddressTranslation: TableWalk {
    private typealias Table = X86_64.PageTable
    private typealias Entry = X86_64.PageTableEntry

    /// The address bits below the root table's index; nil if there are no tables to read.
    private var rootShift: UInt64? {
        switch mode {
        case .off, .legacy: nil
        case .fourLevels: Table.rootShift
        case .fiveLevels: Table.fifthLevelShift
        }
    }

    public func physical<Failure: Error>(
        _ address: UInt64, entry: (_ address: UInt64) throws(Failure) -> UInt64
    ) throws(Failure) -> (address: UInt64, count: UInt64)? {
        // At least one byte.
        if mode == .off { return (address, max(1, UInt64.max - address)) }
        guard let rootShift else { return nil }
        // Canonical addresses only: all bits above the translated ones equal the highest of these.
        let high = Int64(bitPattern: address) >> Int64(rootShift + 8)
        guard high == 0 || high == -1 else { return nil }
        var table = root
        for shift in stride(from: rootShift, through: Table.pageShift, by: -9) {
            let entryAddress = Table.entryAddress(of: address, in: table, shift: shift)
            let entry = Entry(rawValue: try entry(entryAddress))
            guard entry.isPresent else { return nil }
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
        guard let rootShift else { return }
        // Bounds the walk: malicious tables can refer to each other many times.
        var budget = 1 << 18
        _ = walk(root, rootShift, 0, &budget, entry, visit)
    }

    /// - Returns: false if `visit` returned false, or the budget is used up.
    private func walk(
        _ table: UInt64, _ shift: UInt64, _ base: UInt64, _ budget: inout Int,
        _ read: (_ address: UInt64) -> UInt64?, _ visit: (MappedRange) -> Bool
    ) -> Bool {
        for index: UInt64 in 0..<512 {
            budget -= 1
            guard budget > 0 else { return false }
            guard let word = read(table | index << 3) else { continue }
            let entry = Entry(rawValue: word)
            guard entry.isPresent else { continue }
            // Sign-extends the upper half.
            let isHigh = shift == rootShift && index >= 256
            let address = base | index << shift | (isHigh ? .max << (shift + 9) : 0)
            if entry.isPage(shift) {
                let size = UInt64(1) << shift
                let physical = entry.address & ~(size - 1)
                let page = MappedRange(address: address, physical: physical, count: size)
                guard visit(page) else { return false }
            } else if entry.address != root {
                guard walk(entry.address, shift - 9, address, &budget, read, visit) else {
                    return false
                }
            }
        }
        return true
    }
}
