extension AArch64 {
    /// A translation table descriptor of stage 1: address and attributes (Arm ARM, D8.3).
    public struct PageTableEntry: Equatable, Sendable {
        public struct Attributes: OptionSet, Sendable {
            public let rawValue: UInt64

            public init(rawValue: UInt64) {
                self.rawValue = rawValue
            }

            /// AP[2].
            public static var readOnly: Attributes { Attributes(rawValue: 1 << 7) }
            public static var innerShareable: Attributes { Attributes(rawValue: 3 << 8) }
            /// AF: without it, accesses fault.
            public static var accessed: Attributes { Attributes(rawValue: 1 << 10) }
            /// PXN.
            public static var noPrivilegedExecute: Attributes { Attributes(rawValue: 1 << 53) }
            /// UXN.
            public static var noUserExecute: Attributes { Attributes(rawValue: 1 << 54) }
            /// PXN and UXN.
            public static var noExecute: Attributes { [.noPrivilegedExecute, .noUserExecute] }

            /// The index of the memory type in MAIR_EL1.
            public static func memoryType(_ index: UInt64) -> Attributes {
                Attributes(rawValue: (index & 7) << 2)
            }
        }

        public let rawValue: UInt64

        public init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// A descriptor for a table.
        public init(table address: UInt64) {
            rawValue = address | 3
        }

        /// A descriptor for a block: a large page.
        public init(block address: UInt64, _ attributes: Attributes) {
            rawValue = address | attributes.rawValue | 1
        }

        /// A descriptor for a page, in a table of the last level.
        public init(page address: UInt64, _ attributes: Attributes) {
            rawValue = address | attributes.rawValue | 3
        }

        public static var addressMask: UInt64 { 0x0000_FFFF_FFFF_F000 }

        public var address: UInt64 { rawValue & Self.addressMask }
        public var isPresent: Bool { rawValue & 1 != 0 }

        /// Whether the entry, which is present, maps memory.
        ///
        /// - Parameter shift: log2 of the bytes that each entry of the table covers.
        func isPage(_ shift: UInt64) -> Bool {
            shift == AddressTranslation.pageShift || rawValue & 2 == 0
        }

        /// Whether the entry is a valid one of its level: pages are marked like tables, and the
        /// root level of 48 bits has no blocks.
        func isValid(_ shift: UInt64) -> Bool {
            guard isPresent else { return false }
            return rawValue & 2 != 0
                || shift > AddressTranslation.pageShift && shift < AddressTranslation.highestShift
        }
    }
}
