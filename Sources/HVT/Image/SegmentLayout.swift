import ABI
import Tender

/// The rules for loadable segments (PT_LOAD), applied in file order.
struct SegmentLayout {
    let memorySize: UInt64
    private var lastAddress: UInt64 = 0
    private var lastEnd: UInt64 = 0
    private var count = 0

    /// Far more than linkers emit. Each may need a host mapping of its own (mprotect), of which a
    /// process has 65,530 (sysctl vm.max_map_count), and launch time.
    static let mostSegments = 256
    static let pageSize: UInt64 = 4096
    static let base = UInt64(HVT_GUEST_MIN_BASE)

    init(memorySize: UInt64) {
        self.memorySize = memorySize
    }

    /// Checks and places a segment; nil if it has no bytes in the file.
    ///
    /// Such a segment is zeroed memory, as all memory is. Version 2 guests have one for their BSS,
    /// and an empty one at address 0, so its address is checked only if it is not empty.
    mutating func place(_ header: ELF.ProgramHeader) throws(SegmentError) -> Segment? {
        guard header.fileSize > 0 || header.memorySize > 0 else { return nil }
        if header.flags.isSuperset(of: [.write, .execute]) { throw .writableAndExecutable }
        guard header.fileSize > 0 else {
            try checkZeros(header)
            return nil
        }
        guard header.address >= Self.base else { throw .low(header.address) }
        guard header.address >= lastAddress else { throw .order(header.address) }
        guard header.alignment > 0, header.alignment & (header.alignment - 1) == 0 else {
            throw .alignment(header.alignment)
        }
        let start = header.address.alignedDown(to: header.alignment)
        guard start >= Self.base, start >= lastEnd else { throw .overlap(start) }
        guard header.memorySize >= header.fileSize else { throw .shrinking }
        guard
            let end = header.address.addingIfPossible(header.memorySize)?
                .alignedUp(to: header.alignment), end <= memorySize
        else { throw .high(header, memorySize: memorySize) }
        guard start % Self.pageSize == 0, end % Self.pageSize == 0 else { throw .pages(start, end) }
        guard count < Self.mostSegments else { throw .tooMany }
        count += 1
        lastAddress = header.address
        lastEnd = end
        // Executable segments must be readable in the host mapping, which is never executable.
        let isReadable = header.flags.contains(.read) || header.flags.contains(.execute)
        return Segment(
            start: start, end: end, address: header.address, fileOffset: header.offset,
            fileSize: header.fileSize, isReadable: isReadable,
            isWritable: header.flags.contains(.write),
            isExecutable: header.flags.contains(.execute))
    }

    private func checkZeros(_ header: ELF.ProgramHeader) throws(SegmentError) {
        guard header.address >= Self.base else { throw .low(header.address) }
        guard let end = header.address.addingIfPossible(header.memorySize), end <= memorySize else {
            throw .high(header, memorySize: memorySize)
        }
    }
}

/// A violation of a rule for loadable segments.
enum SegmentError: Error, Equatable, CustomStringConvertible {
    case low(UInt64)
    case order(UInt64)
    case alignment(UInt64)
    case overlap(UInt64)
    case shrinking
    case high(ELF.ProgramHeader, memorySize: UInt64)
    case pages(UInt64, UInt64)
    case writableAndExecutable
    case tooMany

    var description: String {
        switch self {
        case .low(let address):
            "address \(hexadecimal(address)) is below \(hexadecimal(SegmentLayout.base))"
        case .order(let address):
            "address \(hexadecimal(address)) is below the segment before"
        case .alignment(let alignment):
            "alignment \(hexadecimal(alignment)) is not a power of two"
        case .overlap(let start):
            "start \(hexadecimal(start)) overlaps the segment before, or low memory"
        case .shrinking: "it is smaller in memory than in the file"
        case .high(let header, let memorySize):
            "\(header.memorySize) bytes at \(hexadecimal(header.address)) end beyond guest memory "
                + "of \(memorySize >> 20) MiB (try more with --mem)"
        case .pages(let start, let end):
            "\(hexadecimal(start)) to \(hexadecimal(end)) are not whole pages"
        case .writableAndExecutable: "it is both writable and executable"
        case .tooMany: "there are more than \(SegmentLayout.mostSegments) loadable segments"
        }
    }
}
