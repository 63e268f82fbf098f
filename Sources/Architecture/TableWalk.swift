/// An architecture's page table walk.
///
/// The caller's function reads the tables, and decides which memory is readable. The guest can
/// change them at any time, to anything; the caller checks the physical addresses.
public protocol TableWalk: Equatable, Sendable {
    /// The physical address of the root table.
    var root: UInt64 { get }

    /// Translates a virtual address: the physical address, and the number of bytes from it to the
    /// end of the page.
    ///
    /// - Parameter entry: reads the table entry at a physical address.
    /// - Returns: nil if it is not mapped.
    func physical<Failure: Error>(
        _ address: UInt64, entry: (_ address: UInt64) throws(Failure) -> UInt64
    ) throws(Failure) -> (address: UInt64, count: UInt64)?

    /// Calls `visit` with each mapped page, in ascending order of slots, until it returns false.
    /// Skips self-referencing root entries and unreadable tables.
    ///
    /// - Parameter entry: as above; nil if the entry can't be read.
    func forEachPage(
        entry: (_ address: UInt64) -> UInt64?, _ visit: (MappedRange) -> Bool)
}

/// A virtual address range that is physically contiguous.
public struct MappedRange: Equatable, Sendable {
    public var address: UInt64
    public var physical: UInt64
    public var count: UInt64

    public init(address: UInt64, physical: UInt64, count: UInt64) {
        self.address = address
        self.physical = physical
        self.count = count
    }
}
