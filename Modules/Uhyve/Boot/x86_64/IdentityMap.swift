import Architecture
import Linux
import Tender

/// The page tables that a Hermit guest starts with: virtual addresses are physical addresses, in
/// pages of 2 MiB (spec 2.1).
enum IdentityMap {
    private static let pageSize: UInt64 = 2 << 20

    /// - Parameter coversGigabyte: whether to map all up to the next GiB beyond the image's start,
    ///   as kernels before 0.10.0 expect; they unmap it themselves.
    static func build(
        _ layout: HermitLayout, in memory: GuestMemory, coversGigabyte: Bool
    ) throws(TenderError) {
        // The page that contains the end is the kernel's as well.
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
            // Kernels up to 0.10.0 reach the tables through the last slot.
            try tables.mapTables()
            return true
        }
        guard isComplete else {
            throw .failed(
                "the image is too large for the page tables that a Hermit guest starts with")
        }
    }
}
