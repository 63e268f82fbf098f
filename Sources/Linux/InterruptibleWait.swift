import CLinux
import Synchronization

/// The waits of one thread, any of which others can interrupt, and be neither too early nor too
/// late: the signal alone, if it came just before the thread begins to wait, would be lost.
///
/// As with a vCPU's immediate exit, the kernel finds in what it is handed that it is not to wait: a
/// length of time that is none, so that it refuses the call. Whoever interrupts writes that first,
/// and sends the thread a signal then, which ends a wait that has begun.
@safe public final class InterruptibleWait {
    public enum End: Equatable {
        /// Something is ready.
        case ready
        /// Time is up.
        case timeout
        /// `interrupt` or a signal ended it.
        case interrupted
        case failed(Errno)
    }

    // The kernel and other threads need to find it where it was.
    private let time: UnsafeMutablePointer<timespec>
    /// Whether an interruption is requested that has ended no wait yet.
    private var isWanted = false

    public init() {
        unsafe time = .allocate(capacity: 1)
        unsafe time.initialize(to: timespec())
    }

    /// Lets a signal that is sent next end the wait that goes on or comes next. To be called by any
    /// thread, and by handlers of signals.
    public func interrupt() {
        isWanted = true
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        refuse()
    }

    /// Waits until one descriptor is ready for any of `events`, or has failed.
    public func poll(_ descriptor: Int32, _ events: Int16, upTo nanoseconds: UInt64) -> End {
        begin(nanoseconds)
        var request = pollfd(fd: descriptor, events: events, revents: 0)
        // As below.
        return end(unsafe linux_ppoll(&request, 1, time))
    }

    /// Waits until one of these is as requested; the answers are in them.
    public func poll(_ requests: inout [pollfd], upTo nanoseconds: UInt64) -> End {
        begin(nanoseconds)
        let count = nfds_t(requests.count)
        // The kernel reads the requests and the time, which lives as long as this, and fills in the
        // answers.
        let result = unsafe requests.withUnsafeMutableBufferPointer {
            unsafe linux_ppoll($0.baseAddress, count, time)
        }
        return end(result)
    }

    private func end(_ result: Int32) -> End {
        if result >= 0 { return result > 0 ? .ready : .timeout }
        let errno = Errno.current
        return errno.code == EINTR || wasRefused(errno.code) ? .interrupted : .failed(errno)
    }

    /// Sleeps.
    ///
    /// - Returns: what was left when it was interrupted, in nanoseconds; nil if it was not.
    public func sleep(nanoseconds: UInt64) -> UInt64? {
        begin(nanoseconds)
        var left = timespec()
        // The kernel reads the time and, when interrupted, stores what is left of it.
        let result = unsafe clock_nanosleep(CLOCK_MONOTONIC, 0, time, &left)
        if result == EINTR { return left.nanoseconds }
        return wasRefused(result) ? nanoseconds : nil
    }

    private func begin(_ nanoseconds: UInt64) {
        // Only `refuse` writes it at the same time; see below.
        unsafe time.pointee = timespec(nanoseconds: nanoseconds)
        // Either the interrupting thread sees this store, or this thread sees its request.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        if isWanted { refuse() }
    }

    /// One store, so that the kernel never finds a part of it.
    private func refuse() {
        // The time lives as long as this.
        unsafe time.pointee.tv_nsec = -1
    }

    private func wasRefused(_ code: Int32) -> Bool {
        // It may also come late, for a wait that has ended since. The time lives as long as this.
        guard code == EINVAL, unsafe time.pointee.tv_nsec < 0 else { return false }
        isWanted = false
        return true
    }

    deinit {
        // No thread waits, or it would hold a reference.
        unsafe time.deallocate()
    }
}
