extension UInt64 {
    /// - Returns: nil if the sum is too large.
    package func addingIfPossible(_ other: UInt64) -> UInt64? {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? nil : sum
    }

    /// The next multiple of a power of two, this number included.
    package func alignedUp(to alignment: UInt64) -> UInt64? {
        addingIfPossible(alignment - 1).map { $0 & ~(alignment - 1) }
    }

    package func alignedDown(to alignment: UInt64) -> UInt64 {
        self & ~(alignment - 1)
    }
}
