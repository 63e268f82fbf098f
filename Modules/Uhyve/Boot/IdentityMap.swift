import HermitImage
import Tender

/// The page tables that a Hermit guest starts with: virtual addresses are physical addresses, in
/// pages of 2 MiB (spec 2.1).
struct IdentityMap {
    private enum Flags {
        // Present, writable; of 2 MiB (Intel SDM volume 3, 4.5).
        static let table: UInt64 = 0x3
        static let page: UInt64 = 0x83
    }

    private static let pageSize: UInt64 = 2 << 20
    private static let tableSize: UInt64 = 4096

    private let memory: GuestMemory
    private let root: UInt64
    private var spare: Range<UInt64>

    /// - Parameter coversGigabyte: whether to map all up to the next GiB beyond the image's start,
    ///   as kernels before 0.10.0 expect; they unmap it themselves.
    static func build(
        _ layout: HermitLayout, in memory: GuestMemory, coversGigabyte: Bool
    ) throws(TenderError) {
        var map = IdentityMap(memory: memory, root: layout.rootTable, spare: layout.tables)
        // The page that contains the end is the kernel's as well.
        var last = layout.mappedEnd.alignedDown(to: pageSize)
        if coversGigabyte {
            let gigabyte: UInt64 = 1 << 30
            last = max(last, (layout.image.lowerBound | (gigabyte - 1)).alignedDown(to: pageSize))
        }
        for page in stride(from: layout.memory.lowerBound, through: last, by: Int(pageSize)) {
            try map.map(page)
        }
        // Kernels up to 0.10.0 reach the tables through the last slot.
        try map.set(layout.rootTable, 511, layout.rootTable | Flags.table)
    }

    private mutating func map(_ page: UInt64) throws(TenderError) {
        let pointers = try table(in: root, page >> 39)
        let directory = try table(in: pointers, page >> 30)
        try set(directory, page >> 21, page | Flags.page)
    }

    /// The table that an entry of `parent` leads to, which is made if there is none yet.
    private mutating func table(in parent: UInt64, _ index: UInt64) throws(TenderError) -> UInt64 {
        let entry = GuestAddress(parent + index % 512 * 8)
        let present = try wrapping(TenderError.guest) { () throws(GuestFault) in
            try memory.load(UInt64.self, at: entry)
        }
        if present != 0 { return present & ~Flags.table }
        guard spare.lowerBound < spare.upperBound else {
            throw .failed(
                "the image is too large for the page tables that a Hermit guest starts with")
        }
        let table = spare.lowerBound
        spare = table + Self.tableSize..<spare.upperBound
        try set(parent, index, table | Flags.table)
        return table
    }

    private func set(_ table: UInt64, _ index: UInt64, _ entry: UInt64) throws(TenderError) {
        try wrapping(TenderError.guest) { () throws(GuestFault) in
            try memory.place(entry, at: table + index % 512 * 8)
        }
    }
}
