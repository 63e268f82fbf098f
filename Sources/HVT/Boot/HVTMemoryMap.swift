import ABI
import Architecture
import Hypervisor
import Tender

/// The memory map below `HVT_GUEST_MIN_BASE`, the lowest address of hvt images. The addresses of what
/// processors need are in the architecture's folder.
///
///     0x0        nothing, so that null pointers trap   the guest: nothing
///     0x1000     page tables, and what else the
///                processor needs                       the guest: nothing
///     0x10000    boot info, manifest, command line     the guest: read
///     0x14000    more page tables, if need be          the guest: nothing
///     ...        unused                                the guest: read
///     0x100000   the image, then heap and stack
///     ...        the network ring, if it is offered    the guest: read, write
enum HVTMemoryMap {
    static let pageSize: UInt64 = 4096
    static let largePageSize: UInt64 = 2 << 20

    /// The beginning of what the tender needs.
    static let tables: UInt64 = 0x1000
    /// The pages for further page tables past the boot information.
    static let morePages: Range<UInt64> = 0x14000..<imageBase

    static let bootInfo = UInt64(HVT_BOOT_INFO_BASE)
    static let imageBase = UInt64(HVT_GUEST_MIN_BASE)
}

extension HVTMemoryMap {
    /// The parts of memory with a guest's rights, for hypervisors that can restrict it. Page tables
    /// are written by the processor, which marks what it used.
    ///
    /// - Parameter size: of the memory.
    static func parts(
        _ segments: [Segment], size: UInt64, isHeapExecutable: Bool
    ) -> [MemoryPart] {
        let code = Native.tables.exceptionCode
        var parts = [
            MemoryPart(tables..<code, isWritable: true),
            MemoryPart(code..<code + pageSize, isExecutable: true),
            MemoryPart(code + pageSize..<bootInfo, isWritable: true),
            MemoryPart(bootInfo..<morePages.lowerBound),
            MemoryPart(morePages, isWritable: true),
        ].filter { !$0.addresses.isEmpty }
        var end = imageBase
        func addHeap(upTo next: UInt64) {
            guard next > end else { return }
            parts.append(
                MemoryPart(end..<next, isWritable: true, isExecutable: isHeapExecutable))
        }
        for segment in segments {
            addHeap(upTo: segment.start)
            if segment.isReadable || segment.isWritable, segment.start < segment.end {
                parts.append(
                    MemoryPart(
                        segment.start..<segment.end, isWritable: segment.isWritable,
                        isExecutable: segment.isExecutable))
            }
            end = segment.end
        }
        addHeap(upTo: size)
        return parts
    }

    /// The regions of a guest's memory, for fault reports.
    ///
    /// - Parameter ring: the part of memory with the network ring.
    static func regions(
        _ segments: [Segment], ring: Range<UInt64>? = nil
    ) -> [FaultReport.Region] {
        var regions = [
            FaultReport.Region(
                name: "the first page, where null pointers lead", addresses: 0..<tables),
            FaultReport.Region(name: "the tender's tables", addresses: tables..<bootInfo),
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
