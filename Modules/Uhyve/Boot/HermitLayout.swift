import Architecture
import HermitImage
import Tender

/// The layout of a Hermit guest's memory at its start. Addresses are physical, and identical to
/// virtual ones.
///
///     memory.lowerBound
///       + 0x0        GDT
///       + 0x1000     device tree
///       + 0x5000     boot information
///       + 0x6000     exception table
///       + 0x7000     TSS and exception stack of each vCPU
///       + 0x10000    root page table
///       + 0x11000    further page tables
///       + 0x38000    unused, if the image lies higher than it must
///     image.lowerBound
///       - 0x8000     stack
///       + 0x0        image
///     archive.lowerBound, the next page, if there is one
///       + 0x0        archive
///
/// The guest gets all addresses from registers and boot information; its kernel does not use the
/// memory below its image in the same 2 MiB page.
struct HermitLayout: Equatable {
    let memory: Range<UInt64>
    let image: Range<UInt64>
    /// The archive in memory; nil if there is none.
    let archive: Range<UInt64>?
    /// The load bias: added to the linked addresses of the image.
    let bias: UInt64

    var gdt: UInt64 { memory.lowerBound }
    var deviceTree: UInt64 { memory.lowerBound + 0x1000 }
    static let deviceTreeCapacity = 0x4000
    var bootInformation: UInt64 { memory.lowerBound + 0x5000 }
    var exceptions: ExceptionTable { ExceptionTable(at: memory.lowerBound + 0x6000) }
    /// The number of vCPUs with a TSS; those past it start without an exception table.
    static let taskCapacity = 0x9000 / ExceptionTable.taskSize
    func task(cpu index: Int) -> UInt64 {
        memory.lowerBound + 0x7000 + UInt64(index * ExceptionTable.taskSize)
    }
    var rootTable: UInt64 { memory.lowerBound + 0x10000 }
    var tables: Range<UInt64> { memory.lowerBound + 0x11000..<memory.lowerBound + 0x38000 }
    /// The lowest address of the stack: the guest's kernel adds the size itself.
    var stack: UInt64 { image.lowerBound - Self.stackSize }

    private static let stackSize: UInt64 = 0x8000
    private static let pageSize: UInt64 = 4096
    /// The offset of a relocatable image from the start of memory, and the lowest offset of one at
    /// a fixed address.
    static let imageOffset: UInt64 = 0x40000

    /// The alignment of memory's start and size, in bytes.
    static let granularity: UInt64 = 2 << 20
    static let smallestMemory: UInt64 = 16 << 20
    static let standardMemory: UInt64 = 64 << 20

    /// The range of guest physical addresses for memory. Interface version 1 has 32-bit addresses,
    /// of which the last GiB is for interrupt controllers and devices.
    static func bounds(interfaceVersion: UInt32) -> Range<UInt64> {
        interfaceVersion == 1 ? 0..<3 << 30 : 4 << 30..<1 << 39
    }

    /// The range for memory at a random address.
    private static func randomBounds(interfaceVersion: UInt32) -> Range<UInt64> {
        interfaceVersion == 1 ? 0..<(3 << 30) - granularity : 4 << 30..<64 << 30
    }

    /// Lays out `size` bytes of memory.
    ///
    /// - Parameters:
    ///   - archiveSize: the size of an archive after the image, in bytes; nil for none.
    ///   - random: a random number to derive the start of memory from, if the tender can choose it;
    ///     nil for the lowest address.
    /// - Throws: if image and archive do not fit.
    init(
        _ image: HermitImage, memorySize size: UInt64, archiveSize: UInt64? = nil, random: UInt64?
    ) throws(TenderError) {
        let version = image.notes.interfaceVersion
        let bounds = Self.bounds(interfaceVersion: version)
        guard size >= Self.smallestMemory, size % Self.granularity == 0 else {
            throw .failed(
                "guest memory of \(ByteCount.text(size)): Hermit guests need a multiple of 2 MiB, "
                    + "at least \(Self.smallestMemory >> 20) MiB")
        }
        guard size <= bounds.upperBound - bounds.lowerBound else {
            throw .failed(
                "guest memory of \(size >> 20) MiB: guests with uhyve interface version \(version) "
                    + "can have up to \((bounds.upperBound - bounds.lowerBound) >> 20) MiB")
        }
        var start = bounds.lowerBound
        // Kernels before 0.10.0 were made for memory that starts at 0.
        if let random, image.isRelocatable, !image.notes.isBefore0_10 {
            let most = Self.randomBounds(interfaceVersion: version)
            let room = most.upperBound - most.lowerBound
            if size < room {
                start += random % ((room - size) / Self.granularity) * Self.granularity
            }
        }
        memory = start..<start + size
        bias = image.isRelocatable ? start + Self.imageOffset : 0
        guard let first = image.linkedRange.lowerBound.addingIfPossible(bias),
            let end = image.linkedRange.upperBound.addingIfPossible(bias),
            first >= start + Self.imageOffset, end < memory.upperBound
        else { throw .failed(Self.misfit(image, memory)) }
        self.image = first..<end
        guard let archiveSize else {
            archive = nil
            return
        }
        guard let archiveStart = end.alignedUp(to: Self.pageSize),
            let archiveEnd = archiveStart.addingIfPossible(archiveSize),
            archiveEnd < memory.upperBound
        else {
            throw .failed(
                "\(image.file.path): an archive of \(archiveSize >> 20) MiB does not fit after "
                    + "the image into guest memory of \(size >> 20) MiB (try more with --mem)")
        }
        archive = archiveStart..<archiveEnd
    }

    /// The end of the range that the first page tables map.
    var mappedEnd: UInt64 { archive?.upperBound ?? image.upperBound }

    private static func misfit(_ image: HermitImage, _ memory: Range<UInt64>) -> String {
        let linked = image.linkedRange
        let size = (linked.upperBound - linked.lowerBound) >> 20
        let part =
            image.isRelocatable
            ? "an image of \(size) MiB"
            : "an image at \(hexadecimal(linked.lowerBound)) to \(hexadecimal(linked.upperBound))"
        return "\(image.file.path): \(part) does not fit into guest memory at "
            + "\(hexadecimal(memory.lowerBound + imageOffset)) to "
            + "\(hexadecimal(memory.upperBound)) (try more with --mem)"
    }
}
