import ABI
import Bytes
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
    mutating func place(_ header: ELF.ProgramHeader) throws(InputError) -> Segment? {
        guard header.fileSize > 0 || header.memorySize > 0 else { return nil }
        if header.flags.isSuperset(of: [.write, .execute]) {
            throw InputError("it is both writable and executable")
        }
        guard header.fileSize > 0 else {
            try checkZeros(header)
            return nil
        }
        try checkBase(header)
        guard header.address >= lastAddress else {
            throw InputError("address \(hexadecimal(header.address)) is below the segment before")
        }
        guard header.alignment > 0, header.alignment & (header.alignment - 1) == 0 else {
            throw InputError(
                "alignment \(hexadecimal(header.alignment)) is not a power of two")
        }
        let start = header.address.alignedDown(to: header.alignment)
        guard start >= Self.base, start >= lastEnd else {
            throw InputError(
                "start \(hexadecimal(start)) overlaps the segment before, or low memory")
        }
        guard header.memorySize >= header.fileSize else {
            throw InputError("it is smaller in memory than in the file")
        }
        guard
            let end = header.address.addingIfPossible(header.memorySize)?
                .alignedUp(to: header.alignment), end <= memorySize
        else { throw high(header) }
        guard start % Self.pageSize == 0, end % Self.pageSize == 0 else {
            throw InputError(
                "\(hexadecimal(start)) to \(hexadecimal(end)) are not whole pages")
        }
        guard count < Self.mostSegments else {
            throw InputError("there are more than \(Self.mostSegments) loadable segments")
        }
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

    private func checkZeros(_ header: ELF.ProgramHeader) throws(InputError) {
        try checkBase(header)
        guard let end = header.address.addingIfPossible(header.memorySize), end <= memorySize else {
            throw high(header)
        }
    }

    private func checkBase(_ header: ELF.ProgramHeader) throws(InputError) {
        guard header.address >= Self.base else {
            throw InputError(
                "address \(hexadecimal(header.address)) is below \(hexadecimal(Self.base))")
        }
    }

    private func high(_ header: ELF.ProgramHeader) -> InputError {
        InputError(
            "\(header.memorySize) bytes at \(hexadecimal(header.address)) end beyond guest memory "
                + "of \(memorySize >> 20) MiB (try more with --mem)")
    }
}
