import CLinux

/// Lets one thread at a time use what it guards.
@safe public final class Lock: @unchecked Sendable {
    // A mutex must stay where it was made, which a stored property of a class need not.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    public init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        // With no attributes this can't fail.
        unsafe _ = pthread_mutex_init(mutex, nil)
    }

    /// Does `body` once no other thread is inside. It must not come back here on the same thread.
    @inline(__always)
    public func withLock<Value: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        // The mutex lives as long as this object.
        unsafe _ = pthread_mutex_lock(mutex)
        defer { unsafe _ = pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// The same, for the only thread if not `isNeeded`, which must not change meanwhile.
    @inline(__always)
    public func withLock<Value: ~Copyable, Failure: Error>(
        if isNeeded: Bool, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        // As above.
        if isNeeded { unsafe _ = pthread_mutex_lock(mutex) }
        defer { if isNeeded { unsafe _ = pthread_mutex_unlock(mutex) } }
        return try body()
    }

    deinit {
        // No thread is inside, or it would hold a reference.
        unsafe _ = pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }
}
