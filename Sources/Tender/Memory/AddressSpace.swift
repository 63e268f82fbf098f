import CLinux
import Hypervisor
import Linux

/// A guest's virtual addresses, as its page tables say (Intel SDM volume 3, 4.5).
///
/// The guest can change its tables at any time and make them say anything. They are looked for in
/// guest memory only, and where they lead is checked by the caller. Tables of 32-bit code are not
/// read: with them, nothing is mapped.
public struct AddressSpace {
    public let memory: GuestMemory
    private let paging: Paging
    private let window: MemoryWindow?

    /// - Parameter window: for a debugger, to find also tables that hypercalls may not be about.
    public init(memory: GuestMemory, paging: Paging, window: MemoryWindow? = nil) {
        self.memory = memory
        self.paging = paging
        self.window = window
    }

    /// With tables of four levels.
    ///
    /// - Parameter root: the physical address of the root table, as in CR3.
    public init(memory: GuestMemory, root: UInt64, window: MemoryWindow? = nil) {
        self.init(memory: memory, paging: Paging(.fourLevels, root: root), window: window)
    }

    /// How far the entries of the root table are from each other; nil if there are no tables to read.
    private var rootShift: UInt64? {
        switch paging.mode {
        case .off, .legacy: nil
        case .fourLevels: 39
        case .fiveLevels: 48
        }
    }

    private static let present: UInt64 = 1 << 0
    /// In all but the lowest tables: a page, and no further table.
    private static let large: UInt64 = 1 << 7
    private static let addressMask: UInt64 = 0x000F_FFFF_FFFF_F000

    /// Where a virtual address is in physical memory, and how many bytes of the same page there are
    /// from it on.
    ///
    /// - Throws: EFAULT if it is not mapped.
    public func physical(_ address: UInt64) throws(Errno) -> (address: UInt64, count: UInt64) {
        // At least the byte itself.
        if paging.mode == .off { return (address, max(1, UInt64.max - address)) }
        guard let rootShift else { throw Errno(EFAULT) }
        // The highest bit that is translated, and all above it, are the same.
        let high = Int64(bitPattern: address) >> Int64(rootShift + 8)
        guard high == 0 || high == -1 else { throw Errno(EFAULT) }
        var table = paging.root
        for shift in stride(from: rootShift, through: 12, by: -9) {
            let entry = try self.entry(address >> shift % 512, of: table)
            guard entry & Self.present != 0 else { throw Errno(EFAULT) }
            let isLarge = entry & Self.large != 0
            if shift == 12 || isLarge && shift < 39 {
                let size = UInt64(1) << shift
                let offset = address & (size - 1)
                return (entry & Self.addressMask & ~(size - 1) | offset, size - offset)
            }
            table = entry & Self.addressMask
        }
        throw Errno(EFAULT)
    }

    /// A stretch of virtual addresses that lie in one piece of physical memory.
    public struct Stretch: Equatable, Sendable {
        public var address: UInt64
        public var physical: UInt64
        public var count: UInt64

        public init(address: UInt64, physical: UInt64, count: UInt64) {
            self.address = address
            self.physical = physical
            self.count = count
        }
    }

    /// What of guest memory is mapped, and where; as many stretches as `most`. A table that is its
    /// own root is passed over.
    public func stretches(upTo most: Int) -> [Stretch] {
        var stretches: [Stretch] = []
        // Tables can be so that each leads to the same others again and again.
        var budget = 1 << 18
        guard let rootShift else { return [] }
        _ = walk(paging.root, rootShift, 0, &budget) { stretch in
            guard stretch.physical >= memory.start.value,
                stretch.physical - memory.start.value < memory.count
            else { return true }
            if let last = stretches.last, last.address &+ last.count == stretch.address,
                last.physical &+ last.count == stretch.physical
            {
                stretches[stretches.count - 1].count += stretch.count
                return true
            }
            guard stretches.count < most else { return false }
            stretches.append(stretch)
            return true
        }
        return stretches
    }

    /// - Returns: false if `visit` has had enough, or the budget is used up.
    private func walk(
        _ table: UInt64, _ shift: UInt64, _ base: UInt64, _ budget: inout Int,
        _ visit: (Stretch) -> Bool
    ) -> Bool {
        for index: UInt64 in 0..<512 {
            budget -= 1
            guard budget > 0 else { return false }
            guard let entry = try? self.entry(index, of: table), entry & Self.present != 0 else {
                continue
            }
            // The highest bit that is translated goes on to the left.
            let isHigh = shift == rootShift && index >= 256
            let address = base | index << shift | (isHigh ? .max << (shift + 9) : 0)
            if shift == 12 || entry & Self.large != 0 && shift < 39 {
                let size = UInt64(1) << shift
                let physical = entry & Self.addressMask & ~(size - 1)
                let stretch = Stretch(address: address, physical: physical, count: size)
                guard visit(stretch) else { return false }
            } else if entry & Self.addressMask != paging.root {
                guard walk(entry & Self.addressMask, shift - 9, address, &budget, visit) else {
                    return false
                }
            }
        }
        return true
    }

    private func entry(_ index: UInt64, of table: UInt64) throws(Errno) -> UInt64 {
        if let window {
            let bytes = try window.read(at: table | index << 3, count: 8, of: memory)
            return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        do throws(GuestFault) {
            return try memory.word(at: table | index << 3)
        } catch {
            throw Errno(EFAULT)
        }
    }

    /// The longest piece of a buffer that begins at a virtual address and is in one piece in
    /// physical memory.
    ///
    /// - Throws: EFAULT if not even its first byte is there.
    public func piece(
        at address: UInt64, upTo count: UInt64, for access: GuestMemory.Access
    ) throws(Errno) -> GuestRange {
        let first = try physical(address)
        var length = min(first.count, count)
        while length < count {
            let (next, overflow) = address.addingReportingOverflow(length)
            guard !overflow, let place = try? physical(next),
                place.address == first.address &+ length
            else { break }
            length = min(count, length &+ place.count)
        }
        return try memory.clamped(GuestAddress(first.address), upTo: length, for: access)
    }
}

extension GuestMemory {
    /// As much of a buffer as there is.
    ///
    /// - Throws: EINVAL if nothing is that long, EFAULT if not even its first byte is there.
    public func clamped(
        _ address: GuestAddress, upTo count: UInt64, for access: Access
    ) throws(Errno) -> GuestRange {
        guard count <= UInt64(Int64.max) else { throw Errno(EINVAL) }
        do throws(GuestFault) {
            // An empty buffer can be anywhere.
            guard count > 0 else { return try range(at: start, count: 0, for: access) }
            let first = try range(at: address, count: 1, for: access)
            let available = self.count - (first.start.value - start.value)
            return try range(at: address, count: min(count, available), for: access)
        } catch {
            throw Errno(EFAULT)
        }
    }
}
