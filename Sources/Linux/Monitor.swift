import CLinux

/// A lock, and a way to wait for what others change under it.
@safe public final class Monitor: @unchecked Sendable {
    // Both must stay where they were made, which stored properties of a class need not.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    public init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition = .allocate(capacity: 1)
        unsafe condition.initialize(to: pthread_cond_t())
        // With these attributes they can't fail.
        unsafe _ = pthread_mutex_init(mutex, nil)
        unsafe _ = linux_make_condition(condition)
    }

    /// Does `body` once no other thread is inside. It must not come back here on the same thread.
    public func withLock<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        // The mutex lives as long as this object.
        unsafe _ = pthread_mutex_lock(mutex)
        defer { unsafe _ = pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Inside `withLock`: lets others in until `isDone` holds, which is asked after each `notify`.
    public func wait(until isDone: () -> Bool) {
        // The caller holds the mutex.
        while !isDone() { unsafe _ = pthread_cond_wait(condition, mutex) }
    }

    /// The same, but no longer than until a deadline.
    ///
    /// - Returns: whether it holds.
    public func wait(upTo deadline: Deadline, until isDone: () -> Bool) -> Bool {
        var moment = timespec(nanoseconds: deadline.moment)
        while !isDone() {
            // The caller holds the mutex; the C library reads the time during the call.
            let error = unsafe pthread_cond_timedwait(condition, mutex, &moment)
            if error == ETIMEDOUT { return isDone() }
        }
        return true
    }

    /// Has all that wait look again.
    public func notify() {
        unsafe _ = pthread_cond_broadcast(condition)
    }

    deinit {
        // No thread is inside or waits, or it would hold a reference.
        unsafe _ = pthread_cond_destroy(condition)
        unsafe _ = pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }
}
