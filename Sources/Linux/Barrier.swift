import CLinux

/// Where threads wait for each other: all go on as soon as the last one has come. Then it is as it
/// was before.
@safe public final class Barrier: @unchecked Sendable {
    // A barrier must stay where it was made, which a stored property of a class need not.
    private let barrier: UnsafeMutablePointer<pthread_barrier_t>

    /// - Parameter count: how many threads are waited for, at least 1.
    public init(count: UInt32) {
        unsafe barrier = .allocate(capacity: 1)
        unsafe barrier.initialize(to: pthread_barrier_t())
        // With no attributes and such a count this can't fail.
        unsafe _ = pthread_barrier_init(barrier, nil, max(1, count))
    }

    public func wait() {
        // The barrier lives as long as this object, which each thread that waits here holds.
        unsafe _ = pthread_barrier_wait(barrier)
    }

    deinit {
        // No thread waits, or it would hold a reference.
        unsafe _ = pthread_barrier_destroy(barrier)
        unsafe barrier.deallocate()
    }
}
