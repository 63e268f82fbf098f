/// A guest-physical address (GPA).
public struct GuestAddress: Equatable, Comparable, Sendable, CustomStringConvertible {
    public let value: UInt64

    public init(_ value: UInt64) {
        self.value = value
    }

    /// - Returns: nil if the sum overflows.
    @inline(__always)
    public func advanced(by count: UInt64) -> GuestAddress? {
        let (sum, overflow) = value.addingReportingOverflow(count)
        return overflow ? nil : GuestAddress(sum)
    }

    public static func < (left: GuestAddress, right: GuestAddress) -> Bool {
        left.value < right.value
    }

    public var description: String { hexadecimal(value) }
}

/// A range that was checked to be in guest memory and to allow the intended access.
///
/// Made by `GuestMemory` only, and valid for that memory only.
public struct GuestRange: Sendable {
    public let start: GuestAddress
    /// In bytes.
    public let count: Int

    init(start: GuestAddress, count: Int) {
        self.start = start
        self.count = count
    }

    /// All but the first `count` bytes; none at all if there are fewer.
    public func dropFirst(_ count: Int) -> GuestRange {
        let dropped = max(0, min(count, self.count))
        let start = GuestAddress(start.value &+ UInt64(dropped))
        return GuestRange(start: start, count: self.count - dropped)
    }

    /// The first `count` bytes, or all if there are fewer.
    public func prefix(_ count: Int) -> GuestRange {
        GuestRange(start: start, count: max(0, min(count, self.count)))
    }
}
