import ABI
import Tender

/// How much memory a guest gets.
public struct MemorySize: Equatable, Sendable {
    /// In bytes: a multiple of 2 MiB, at least that and at most 4 GiB.
    public let bytes: UInt64
    /// Whether that is not what was asked for.
    public let isAdjusted: Bool

    /// Page tables map memory in pages of this size.
    static let granularity: UInt64 = 2 << 20

    /// 512 MiB, where the command line says nothing.
    public static let standard = MemorySize(bytes: 512 << 20, isAdjusted: false)

    private init(bytes: UInt64, isAdjusted: Bool) {
        self.bytes = bytes
        self.isAdjusted = isAdjusted
    }

    /// Rounds down, but not to nothing.
    ///
    /// - Parameter asked: in bytes.
    /// - Throws: if it is more than a guest can have.
    public init(asked: UInt64) throws(TenderError) {
        let rounded = max(asked & ~(Self.granularity - 1), Self.granularity)
        guard rounded <= HVT_MAX_MEMORY else {
            throw .memoryTooLarge(asked: rounded, most: HVT_MAX_MEMORY)
        }
        self.init(bytes: rounded, isAdjusted: rounded != asked)
    }
}
