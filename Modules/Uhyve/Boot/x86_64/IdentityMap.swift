import Architecture
import Linux
import Tender

/// The initial page tables of a Hermit guest: an identity map with pages of 2 MiB.
enum IdentityMap {
    private static let pageSize: UInt64 = 2 << 20

    /// - Parameter coversGigabyte: whether to map up to the next multiple of 1 GiB past the image's
    ///   start, as kernels before 0.10.0 expect; they unmap it themselves.
    static func build(
        _ layout: HermitLayout, in memory: GuestMemory, coversGigabyte: Bool
    ) throws(TenderError) {
        // The page with the end is mapped as well.
        var last = layout.mappedEnd.alignedDown(to: pageSize)
        if coversGigabyte {
            let gigabyte: UInt64 = 1 << 30
            last = max(last, (layout.image.lowerBound | (gigabyte - 1)).alignedDown(to: pageSize))
        }
        let isComplete = try wrapping(TenderError.guest) { () throws(GuestFault) in
            var tables = X86_64.PageTableBuilder(
                memory, root: layout.rootTable, spare: layout.tables)
            for page in stride(from: layout.memory.lowerBound, through: last, by: Int(pageSize)) {
                guard try tables.mapLarge(page, to: page, .writable) else { return false }
            }
            // Kernels up to 0.10.0 access the tables through the last entry (recursive mapping).
            try tables.mapTables()
            return true
        }
        guard isComplete else {
            throw .failed(
                "the image is too large for the page tables that a Hermit guest starts with")
        }
    }
}
