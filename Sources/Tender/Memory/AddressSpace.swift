import Architecture
import CLinux
import Linux

/// A guest's virtual address space: a walk of its page tables.
///
/// The guest can change its tables at any time, to anything. They are read from guest memory only,
/// and the caller checks the physical addresses that they yield.
public struct AddressSpace<Translation: TableWalk> {
    public let memory: GuestMemory
    private let translation: Translation
    private let window: MemoryWindow?

    /// - Parameter window: for a debugger, to read also tables that hypercalls may not access.
    public init(memory: GuestMemory, translation: Translation, window: MemoryWindow? = nil) {
        self.memory = memory
        self.translation = translation
        self.window = window
    }

    /// Translates a virtual address: the physical address, and the number of bytes from it to the
    /// end of the page.
    ///
    /// - Throws: EFAULT if it is not mapped.
    @inline(never)
    public func physical(_ address: UInt64) throws(Errno) -> (address: UInt64, count: UInt64) {
        let piece = try translation.physical(address) { (address) throws(Errno) in
            try entry(at: address)
        }
        guard let piece else { throw Errno(EFAULT) }
        return piece
    }

    /// The virtual ranges that map guest memory; at most `most` of them.
    public func mappedRanges(upTo most: Int) -> [MappedRange] {
        var ranges: [MappedRange] = []
        translation.forEachPage(entry: { try? entry(at: $0) }) { page in
            guard page.physical >= memory.start.value,
                page.physical - memory.start.value < memory.count
            else { return true }
            if let last = ranges.last, last.address &+ last.count == page.address,
                last.physical &+ last.count == page.physical
            {
                ranges[ranges.count - 1].count += page.count
                return true
            }
            guard ranges.count < most else { return false }
            ranges.append(page)
            return true
        }
        return ranges
    }

    private func entry(at address: UInt64) throws(Errno) -> UInt64 {
        if let window {
            let bytes = try window.read(at: address, count: 8, of: memory)
            return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        do throws(GuestFault) {
            return try memory.word(at: address)
        } catch {
            throw Errno(EFAULT)
        }
    }

    /// The longest physically contiguous part of a buffer from its virtual start address on.
    ///
    /// - Throws: EFAULT if its first byte is not mapped guest memory.
    public func piece(
        at address: UInt64, upTo count: UInt64, for access: GuestMemory.Access
    ) throws(Errno) -> GuestRange {
        let first = try physical(address)
        var length = min(first.count, count)
        while length < count {
            let (next, overflow) = address.addingReportingOverflow(length)
            guard !overflow, let piece = try? physical(next),
                piece.address == first.address &+ length
            else { break }
            length = min(count, length &+ piece.count)
        }
        return try memory.clamped(GuestAddress(first.address), upTo: length, for: access)
    }
}

extension GuestMemory {
    /// The part of a buffer, from its start on, that is in guest memory.
    ///
    /// - Throws: EINVAL if `count` exceeds SSIZE_MAX, EFAULT if the first byte is not accessible.
    public func clamped(
        _ address: GuestAddress, upTo count: UInt64, for access: Access
    ) throws(Errno) -> GuestRange {
        guard count <= UInt64(Int64.max) else { throw Errno(EINVAL) }
        do throws(GuestFault) {
            // An empty buffer may have any address.
            guard count > 0 else { return try range(at: start, count: 0, for: access) }
            let first = try range(at: address, count: 1, for: access)
            let available = self.count - (first.start.value - start.value)
            return try range(at: address, count: min(count, available), for: access)
        } catch {
            throw Errno(EFAULT)
        }
    }
}
