import Linux

/// The memory that the tender may still allocate on a guest's behalf for one purpose; thread-safe.
final class MemoryBudget: @unchecked Sendable {
    private let lock = Lock()
    /// Guarded by `lock`.
    private var bytes: Int

    init(bytes: Int) {
        self.bytes = bytes
    }

    /// - Returns: whether the budget covered it.
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
