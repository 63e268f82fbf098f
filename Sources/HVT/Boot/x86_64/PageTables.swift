import Architecture
import Linux
import Tender

/// The page tables of an hvt guest on x86_64: an identity mapping.
///
/// The guest can't reach the tables, which are not mapped. (Its exception table is mapped at the
/// beginning of the upper half.) They decide what is executable. Read-only memory is enforced by
/// the host mapping (see `GuestMemory.protect`), which holds even for a guest with its own page
/// tables; so segments are writable here, and a store to a read-only one exits to the host, as in
/// the reference tender.
struct PageTables {
    private typealias Flags = X86_64.PageTableEntry.Flags
    private typealias Map = HVTMemoryMap

    private let memory: GuestMemory
    /// The flags outside segments: heap, stack, gaps.
    private let heap: Flags
    /// The 2 MiB regions with a page table. They are few, so that a search is quick.
    private var tables: [(number: Int, table: UInt64)] = []
    private var spare: [UInt64]

    /// Maps all of `memory`, and each segment by its permissions.
    ///
    /// - Parameter hasExceptions: whether to map the tender's exception table as well.
    /// - Returns: the physical address of the TSS; nil if a fragmented image leaves no room for it.
    @discardableResult static func build(
        in memory: GuestMemory, segments: [Segment], isHeapExecutable: Bool,
        hasExceptions: Bool = false
    ) throws(TenderError) -> UInt64? {
        var tables = PageTables(memory, heap: isHeapExecutable ? .code : .data)
        try tables.mapMemory()
        try tables.mapLow()
        for segment in segments {
            try tables.map(segment)
        }
        return hasExceptions ? try tables.mapExceptions() : nil
    }

    private init(_ memory: GuestMemory, heap: Flags) {
        self.memory = memory
        self.heap = heap
        // Allocated from the end.
        spare = Map.sparePages
            .flatMap { stride(from: $0.lowerBound, to: $0.upperBound, by: Int(Map.pageSize)) }
            .reversed()
    }

    private func mapMemory() throws(TenderError) {
        try set(Map.pml4, 0, Map.pdpt, .table)
        for gigabyte in 0..<4 {
            let directory = Map.pageDirectories + UInt64(gigabyte) * Map.pageSize
            try set(Map.pdpt, gigabyte, directory, .table)
        }
        for number in 0..<Int(memory.count / Map.largePageSize) {
            try setDirectory(number, UInt64(number) * Map.largePageSize, heap.union(.large))
        }
    }

    /// Maps the first 2 MiB: the tender's pages, and the beginning of the image.
    private mutating func mapLow() throws(TenderError) {
        tables.append((0, Map.firstPageTable))
        try setDirectory(0, Map.firstPageTable, .table)
        for page in stride(from: Map.bootInfo, to: Map.largePageSize, by: Int(Map.pageSize)) {
            try setPage(page, page < Map.imageBase ? .readOnlyData : heap)
        }
    }

    private mutating func map(_ segment: Segment) throws(TenderError) {
        let flags: Flags = segment.isExecutable ? .code : .data
        if flags == heap { return }
        var address = segment.start
        while address < segment.end {
            let number = Int(address / Map.largePageSize)
            if address % Map.largePageSize == 0, segment.end - address >= Map.largePageSize,
                table(of: number) == nil
            {
                try setDirectory(number, address, flags.union(.large))
                address += Map.largePageSize
            } else {
                try split(number)
                try setPage(address, flags)
                address += Map.pageSize
            }
        }
    }

    /// Splits a 2 MiB page into a page table, for different permissions.
    private mutating func split(_ number: Int) throws(TenderError) {
        guard table(of: number) == nil else { return }
        guard let table = try takeSpare() else { throw .tooFragmented }
        tables.append((number, table))
        let start = UInt64(number) * Map.largePageSize
        for page in stride(from: start, to: start + Map.largePageSize, by: Int(Map.pageSize)) {
            try setPage(page, heap)
        }
        try setDirectory(number, table, .table)
    }

    /// Maps the exception pages apart from the guest's: GDT, IDT and stubs for reading and
    /// executing, the page with TSS and stack for writing.
    private mutating func mapExceptions() throws(TenderError) -> UInt64? {
        guard spare.count >= 4, let task = try takeSpare(), let pointers = try takeSpare(),
            let directory = try takeSpare(), let table = try takeSpare()
        else { return nil }
        try set(table, 0, Map.gdt, .present)
        try set(table, 1, task, .data)
        try set(directory, 0, table, .table)
        try set(pointers, 0, directory, .table)
        // The first entry of the upper half.
        try set(Map.pml4, 256, pointers, .table)
        return task
    }

    /// A page for the tender, out of reach for the guest and hypercalls.
    private mutating func takeSpare() throws(TenderError) -> UInt64? {
        guard let page = spare.popLast() else { return nil }
        // Lower pages are restricted as a whole (see HVTBoot.protect). Each restriction costs every
        // hypercall a few instructions.
        if page > Map.bootInfo {
            try set(Map.firstPageTable, Int(page / Map.pageSize), 0, [])
            memory.restrict(page, page + Map.pageSize, isReadable: false, isWritable: false)
        }
        return page
    }

    private func table(of number: Int) -> UInt64? {
        tables.last { $0.number == number }?.table
    }

    private func setDirectory(
        _ number: Int, _ address: UInt64, _ flags: Flags
    ) throws(TenderError) {
        let directory = Map.pageDirectories + UInt64(number / 512) * Map.pageSize
        try set(directory, number % 512, address, flags)
    }

    private func setPage(_ address: UInt64, _ flags: Flags) throws(TenderError) {
        guard let table = table(of: Int(address / Map.largePageSize)) else { return }
        let index = Int(address % Map.largePageSize / Map.pageSize)
        try set(table, index, address, flags)
    }

    private func set(
        _ table: UInt64, _ index: Int, _ address: UInt64, _ flags: Flags
    ) throws(TenderError) {
        try wrapping(TenderError.guest) { () throws(GuestFault) in
            try memory.place(
                X86_64.PageTableEntry(address, flags).rawValue, at: table + UInt64(index) * 8)
        }
    }
}

extension X86_64.PageTableEntry.Flags {
    fileprivate static var data: Self { [.present, .writable, .noExecute] }
    fileprivate static var code: Self { [.present, .writable] }
    fileprivate static var readOnlyData: Self { [.present, .noExecute] }
}
