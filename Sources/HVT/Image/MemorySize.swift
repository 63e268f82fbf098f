import ABI
import Tender

/// A guest's memory size.
public struct MemorySize: Equatable, Sendable {
    /// In bytes: a multiple of 2 MiB, at least that and at most 4 GiB.
    public let bytes: UInt64
    /// Whether it differs from the size requested.
    public let isAdjusted: Bool

    /// The size of a large page, by which memory is mapped.
    static let granularity: UInt64 = 2 << 20

    /// The default: 512 MiB.
    public static let standard = MemorySize(bytes: 512 << 20, isAdjusted: false)

    private init(bytes: UInt64, isAdjusted: Bool) {
        self.bytes = bytes
        self.isAdjusted = isAdjusted
    }

    /// Rounds down to a multiple of 2 MiB, but not to 0.
    ///
    /// - Parameter asked: the size requested, in bytes.
    /// - Throws: if it is more than 4 GiB.
    public init(asked: UInt64) throws(TenderError) {
        let rounded = max(asked & ~(Self.granularity - 1), Self.granularity)
        guard rounded <= HVT_MAX_MEMORY else {
            throw .memoryTooLarge(asked: rounded, most: HVT_MAX_MEMORY)
        }
        self.init(bytes: rounded, isAdjusted: rounded != asked)
    }
}
