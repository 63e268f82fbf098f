import ABI
import Tender

/// The memory map below `HVT_GUEST_MIN_BASE`, the lowest address of hvt images.
///
///     0x0        nothing, so that null pointers trap   the guest: nothing
///     0x1000     GDT; exception table                  the guest: nothing
///     0x2000     page tables                           the guest: nothing
///     0x10000    boot info, manifest, command line     the guest: read
///     0x14000    more page tables, if need be          the guest: nothing
///     ...        unused                                the guest: read
///     0x100000   the image, then heap and stack
///     ...        the network ring, if it is offered    the guest: read, write
///
/// The page at 0x1000, and one for TSS and stack, are mapped again at `exceptions`, apart from the
/// guest's own mappings: read and execute the former, write the latter.
enum HVTMemoryMap {
    static let pageSize: UInt64 = 4096
    static let largePageSize: UInt64 = 2 << 20

    static let gdt: UInt64 = 0x1000
    /// The exception table, in the same page.
    static let exceptionTable: UInt64 = 0x1100
    /// The virtual address of the exception mappings: the beginning of the upper half.
    static let exceptions: UInt64 = 0xFFFF_8000_0000_0000
    static let pml4: UInt64 = 0x2000
    static let pdpt: UInt64 = 0x3000
    /// Four page directories, for 1 GiB each.
    static let pageDirectories: UInt64 = 0x4000
    /// The page table of the first 2 MiB.
    static let firstPageTable: UInt64 = 0x8000
    /// The pages for further page tables.
    static let sparePages: [Range<UInt64>] = [0x9000..<0x10000, 0x14000..<imageBase]

    static let bootInfo = UInt64(HVT_BOOT_INFO_BASE)
    static let imageBase = UInt64(HVT_GUEST_MIN_BASE)
}

extension HVTMemoryMap {
    /// The regions of a guest's memory, for fault reports.
    ///
    /// - Parameter ring: the part of memory with the network ring.
    static func regions(
        _ segments: [Segment], ring: Range<UInt64>? = nil
    ) -> [FaultReport.Region] {
        var regions = [
            FaultReport.Region(
                name: "the first page, where null pointers lead", addresses: 0..<gdt),
            FaultReport.Region(name: "the tender's tables", addresses: gdt..<bootInfo),
            FaultReport.Region(
                name: "what the tender tells the guest (read)", addresses: bootInfo..<imageBase),
        ]
        for (index, segment) in segments.enumerated() {
            var rights: [String] = []
            if segment.isReadable { rights.append("read") }
            if segment.isWritable { rights.append("write") }
            if segment.isExecutable { rights.append("execute") }
            regions.append(
                FaultReport.Region(
                    name: "segment \(index) of the image (\(rights.joined(separator: ", ")))",
                    addresses: segment.start..<segment.end))
        }
        if let ring {
            regions.append(
                FaultReport.Region(name: "the network ring (read, write)", addresses: ring))
        }
        return regions
    }
}
