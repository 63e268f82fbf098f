/// How a processor family translates virtual addresses by tables in memory.
///
/// Tables are read by a function of the caller's, who decides what memory there is. The guest can
/// change them at any time and make them say anything; where they lead is for the caller to check.
public protocol TableWalk: Equatable, Sendable {
    /// The physical address of the root table.
    var root: UInt64 { get }

    /// Where a virtual address is in physical memory, and how many bytes of the same page there are
    /// from it on.
    ///
    /// - Parameter entry: reads the word of a table at a physical address.
    /// - Returns: nil if it is not mapped.
    func physical<Failure: Error>(
        _ address: UInt64, entry: (_ address: UInt64) throws(Failure) -> UInt64
    ) throws(Failure) -> (address: UInt64, count: UInt64)?

    /// Calls `visit` with each page that is mapped, in ascending order of slots, until it returns
    /// false. A table that is its own root is passed over, and what can't be read as well.
    ///
    /// - Parameter entry: as above; nil for what can't be read.
    func forEachPage(
        entry: (_ address: UInt64) -> UInt64?, _ visit: (MappedRange) -> Bool)
}

/// Virtual addresses that lie in one piece of physical memory.
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
