import Linux

/// How much memory a guest can still make us keep for one purpose, for several threads.
final class MemoryBudget: @unchecked Sendable {
    private let lock = Lock()
    /// Guarded by `lock`.
    private var bytes: Int

    init(bytes: Int) {
        self.bytes = bytes
    }

    /// - Returns: whether there was as much.
    func take(_ count: Int) -> Bool {
        lock.withLock {
            guard count <= bytes else { return false }
            bytes -= count
            return true
        }
    }

    func give(_ count: Int) {
        lock.withLock { bytes += count }
    }
}
