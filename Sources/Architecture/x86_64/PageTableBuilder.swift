/// Memory in which page tables are built.
public protocol TableMemory {
    associatedtype Failure: Error

    func entry(at address: UInt64) throws(Failure) -> UInt64
    func setEntry(_ entry: UInt64, at address: UInt64) throws(Failure)
}

extension X86_64 {
    /// Builds four-level page tables from zeroed pages.
    public struct PageTableBuilder<Memory: TableMemory> {
        private let memory: Memory
        private let root: UInt64
        private var spare: Range<UInt64>

        /// - Parameters:
        ///   - root: the physical address of the root table.
        ///   - spare: pages for the other tables.
        public init(_ memory: Memory, root: UInt64, spare: Range<UInt64>) {
            self.memory = memory
            self.root = root
            self.spare = spare
        }

        /// Maps a page of 2 MiB.
        ///
        /// - Returns: false if no spare page is left for a table.
        public mutating func mapLarge(
            _ address: UInt64, to physical: UInt64, _ flags: PageTableEntry.Flags
        ) throws(Memory.Failure) -> Bool {
            guard let pointers = try table(of: address, in: root, PageTable.rootShift),
                let directory = try table(of: address, in: pointers, PageTable.pointersShift)
            else { return false }
            try set(
                PageTableEntry(physical, flags.union([.present, .large])), for: address,
                in: directory, PageTable.directoryShift)
            return true
        }

        /// Maps the tables: the last entry of the root table refers to the root itself.
        public func mapTables() throws(Memory.Failure) {
            try set(PageTableEntry(root, .table), for: .max, in: root, PageTable.rootShift)
        }

        /// The table that an entry of `parent` refers to, created if absent.
        private mutating func table(
            of address: UInt64, in parent: UInt64, _ shift: UInt64
        ) throws(Memory.Failure) -> UInt64? {
            let entryAddress = PageTable.entryAddress(of: address, in: parent, shift: shift)
            let present = PageTableEntry(rawValue: try memory.entry(at: entryAddress))
            if present.isPresent { return present.address }
            guard spare.lowerBound < spare.upperBound else { return nil }
            let table = spare.lowerBound
            spare = table + PageTable.size..<spare.upperBound
            try set(PageTableEntry(table, .table), for: address, in: parent, shift)
            return table
        }

        private func set(
            _ entry: PageTableEntry, for address: UInt64, in table: UInt64, _ shift: UInt64
        ) throws(Memory.Failure) {
            try memory.setEntry(
                entry.rawValue, at: PageTable.entryAddress(of: address, in: table, shift: shift))
        }
    }
}
