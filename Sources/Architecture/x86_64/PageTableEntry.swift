extension X86_64 {
    /// A page table entry: address and flags (Intel SDM volume 3, 4.5).
    public struct PageTableEntry: Equatable, Sendable {
        public struct Flags: OptionSet, Sendable {
            public let rawValue: UInt64

            public init(rawValue: UInt64) {
                self.rawValue = rawValue
            }

            public static var present: Flags { Flags(rawValue: 1 << 0) }
            public static var writable: Flags { Flags(rawValue: 1 << 1) }
            /// PS, above the lowest level: maps a page, not a table.
            public static var large: Flags { Flags(rawValue: 1 << 7) }
            public static var noExecute: Flags { Flags(rawValue: 1 << 63) }

            /// The flags of an entry for a table, whose own entries restrict access.
            public static var table: Flags { [.present, .writable] }
        }

        public let rawValue: UInt64

        public init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// - Parameter address: of a page or a table, a multiple of its size.
        public init(_ address: UInt64, _ flags: Flags) {
            rawValue = address | flags.rawValue
        }

        public static var addressMask: UInt64 { 0x000F_FFFF_FFFF_F000 }

        public var address: UInt64 { rawValue & Self.addressMask }
        public var isPresent: Bool { rawValue & Flags.present.rawValue != 0 }

        /// Whether the entry, which is present, maps a page.
        ///
        /// - Parameter shift: log2 of the bytes that each entry of the table covers.
        func isPage(_ shift: UInt64) -> Bool {
            shift == PageTable.pageShift
                || rawValue & Flags.large.rawValue != 0 && shift < PageTable.rootShift
        }
    }

    /// A page table: 512 entries, each covering the same number of bytes.
    public enum PageTable {
        /// In bytes.
        public static var size: UInt64 { 4096 }

        // log2 of the bytes that an entry covers: in page tables, in the next two levels (whose
        // large pages are 2 MiB and 1 GiB), and in the root of four and of five levels.
        public static var pageShift: UInt64 { 12 }
        public static var directoryShift: UInt64 { 21 }
        public static var pointersShift: UInt64 { 30 }
        public static var rootShift: UInt64 { 39 }
        public static var fifthLevelShift: UInt64 { 48 }

        /// The physical address of a table's entry for a virtual address.
        ///
        /// - Parameter table: the table's physical address.
        public static func entryAddress(
            of address: UInt64, in table: UInt64, shift: UInt64
        ) -> UInt64 {
            table | (address >> shift % 512) << 3
        }
    }
}
