import Architecture
import Linux
import Tender

/// The page tables of an hvt guest on the processor that this runs on.
typealias PageTables = GuestTables<Native>

/// The page tables of an hvt guest: an identity mapping.
///
/// The guest can't reach the tables, which are not mapped. (Its exception table is mapped elsewhere, in
/// the upper half.) They decide what is executable. Read-only memory is enforced by
/// the host mapping (see `GuestMemory.protect`), which holds even for a guest with its own page
/// tables; so segments are writable here, and a store to a read-only one exits to the host, as in
/// the reference tender.
struct GuestTables<Processor: HVTProcessor> {
    private typealias Map = HVTMemoryMap

    private let memory: GuestMemory
    private let layout: TableLayout
    /// The use of what is outside segments: heap, stack, gaps.
    private let heap: PageUse
    /// The 2 MiB regions with a page table. They are few, so that a search is quick.
    private var tables: [(number: Int, table: UInt64)] = []
    private var spare: [UInt64]

    /// Maps all of `memory`, and each segment by its permissions.
    ///
    /// - Parameter hasExceptions: whether to map the tender's exception table as well.
    /// - Returns: the physical address of the second exception page; nil if a fragmented image leaves
    ///   no room for it.
    @discardableResult static func build(
        in memory: GuestMemory, segments: [Segment], isHeapExecutable: Bool,
        hasExceptions: Bool = false
    ) throws(TenderError) -> UInt64? {
        var tables = Self(memory, heap: isHeapExecutable ? .code : .data)
        try tables.mapMemory()
        try tables.mapLow()
        let needsExceptions = hasExceptions && tables.layout.needsExceptions
        let needed = needsExceptions ? try tables.mapExceptions() : nil
        for segment in segments {
            try tables.map(segment)
        }
        return hasExceptions && !needsExceptions ? try tables.mapExceptions() : needed
    }

    private init(_ memory: GuestMemory, heap: PageUse) {
        self.memory = memory
        self.heap = heap
        layout = Processor.tables
        // Allocated from the end.
        spare = [layout.spare, Map.morePages]
            .flatMap { stride(from: $0.lowerBound, to: $0.upperBound, by: Int(Map.pageSize)) }
            .reversed()
    }

    private func mapMemory() throws(TenderError) {
        try set(layout.root, 0, Processor.entry(table: layout.pointers))
        for gigabyte in 0..<4 {
            let directory = layout.directories + UInt64(gigabyte) * Map.pageSize
            try set(layout.pointers, gigabyte, Processor.entry(table: directory))
        }
        for other in layout.otherPointers { try set(layout.pointers, other.index, other.entry) }
        // The directories are one after the other.
        try setRow(
            layout.directories, 0, large(0, heap), of: Map.largePageSize,
            count: memory.count / Map.largePageSize)
    }

    /// Maps the first 2 MiB: the tender's pages, and the beginning of the image.
    private mutating func mapLow() throws(TenderError) {
        tables.append((0, layout.first))
        try setDirectory(0, Processor.entry(table: layout.first))
        try setPages(Map.bootInfo..<Map.imageBase, .readOnlyData)
        try setPages(Map.imageBase..<Map.largePageSize, heap)
    }

    private mutating func map(_ segment: Segment) throws(TenderError) {
        let use: PageUse = segment.isExecutable ? .code : .data
        if use == heap { return }
        var address = segment.start
        while address < segment.end {
            let number = Int(address / Map.largePageSize)
            let end = min(segment.end, UInt64(number + 1) * Map.largePageSize)
            if end - address == Map.largePageSize, table(of: number) == nil {
                try setDirectory(number, large(address, use))
            } else {
                try split(number)
                try setPages(address..<end, use)
            }
            address = end
        }
    }

    /// Splits a 2 MiB page into a page table, for different permissions.
    private mutating func split(_ number: Int) throws(TenderError) {
        guard table(of: number) == nil else { return }
        guard let table = try takeSpare() else { throw .tooFragmented }
        tables.append((number, table))
        let start = UInt64(number) * Map.largePageSize
        try setPages(start..<start + Map.largePageSize, heap)
        try setDirectory(number, Processor.entry(table: table))
    }

    /// Maps the exception pages apart from the guest's: one for reading and executing, one for writing
    /// or a device's.
    private mutating func mapExceptions() throws(TenderError) -> UInt64? {
        guard spare.count >= 4, let pointers = try takeSpare(), let directory = try takeSpare(),
            let table = try takeSpare()
        else { return nil }
        var second = layout.exceptionDevice
        if second == nil { second = try takeSpare() }
        guard let second else { return nil }
        let use: PageUse = layout.exceptionDevice == nil ? .data : .device
        try set(table, 0, page(layout.exceptionCode, .readOnlyCode))
        try set(table, 1, page(second, use))
        try set(directory, 0, Processor.entry(table: table))
        try set(pointers, 0, Processor.entry(table: directory))
        try set(
            layout.exceptions.table, layout.exceptions.index, Processor.entry(table: pointers))
        return second
    }

    /// A page for the tender, out of reach for the guest and hypercalls.
    private mutating func takeSpare() throws(TenderError) -> UInt64? {
        guard let page = spare.popLast() else { return nil }
        // Lower pages are restricted as a whole (see HVTBoot.protect). Each restriction costs every
        // hypercall a few instructions.
        if page > Map.bootInfo {
            try set(layout.first, Int(page / Map.pageSize), 0)
            memory.restrict(page, page + Map.pageSize, isReadable: false, isWritable: false)
        }
        return page
    }

    private func table(of number: Int) -> UInt64? {
        tables.last { $0.number == number }?.table
    }

    private func large(_ address: UInt64, _ use: PageUse) -> UInt64 {
        Processor.entry(page: address, isLarge: true, use)
    }

    private func page(_ address: UInt64, _ use: PageUse) -> UInt64 {
        Processor.entry(page: address, isLarge: false, use)
    }

    private func setDirectory(_ number: Int, _ entry: UInt64) throws(TenderError) {
        let directory = layout.directories + UInt64(number / 512) * Map.pageSize
        try set(directory, number % 512, entry)
    }

    /// - Parameter pages: whole ones, of one 2 MiB region that has a table.
    private func setPages(_ pages: Range<UInt64>, _ use: PageUse) throws(TenderError) {
        guard let table = table(of: Int(pages.lowerBound / Map.largePageSize)) else { return }
        try setRow(
            table, Int(pages.lowerBound % Map.largePageSize / Map.pageSize),
            page(pages.lowerBound, use), of: Map.pageSize,
            count: (pages.upperBound - pages.lowerBound) / Map.pageSize)
    }

    /// Sets the entries of `count` pages in a row, each of `size` bytes.
    private func setRow(
        _ table: UInt64, _ index: Int, _ first: UInt64, of size: UInt64, count: UInt64
    ) throws(TenderError) {
        try wrapping(TenderError.guest) { () throws(GuestFault) in
            try memory.placeRow(
                first, step: size, count: Int(count), at: table + UInt64(index) * 8)
        }
    }

    private func set(_ table: UInt64, _ index: Int, _ entry: UInt64) throws(TenderError) {
        try wrapping(TenderError.guest) { () throws(GuestFault) in
            try memory.place(entry, at: table + UInt64(index) * 8)
        }
    }
}
