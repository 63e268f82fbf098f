import CLinux
import Synchronization

/// The waits of one thread, any of which others can interrupt, and be neither too early nor too
/// late: the signal alone, if it came just before the thread begins to wait, would be lost.
///
/// As with a vCPU's immediate exit, the kernel finds in what it is handed that it is not to wait: a
/// length of time that is none, so that it refuses the call. Whoever interrupts writes that first,
/// and sends the thread a signal then, which ends a wait that has begun.
@safe public final class InterruptibleWait: @unchecked Sendable {
    public enum End: Equatable {
        /// Something is ready.
        case ready
        /// Time is up.
        case timeout
        /// `interrupt` or a signal ended it.
        case interrupted
        case failed(Errno)
    }

    /// A `timespec`: seconds, and nanoseconds. The kernel and other threads need to find it where it was.
    private let time: UnsafeMutablePointer<Atomic<Int>>
    /// Whether an interruption is requested that has ended no wait yet.
    private let isWanted = Atomic(false)

    public init() {
        unsafe time = .allocate(capacity: 2)
        for index in 0..<2 { unsafe (time + index).initialize(to: Atomic(0)) }
    }

    /// Lets a signal that is sent next end the wait that goes on or comes next. To be called by any
    /// thread, and by handlers of signals.
    public func interrupt() {
        isWanted.store(true, ordering: .sequentiallyConsistent)
        refuse()
    }

    /// Waits until one descriptor is ready for any of `events`, or has failed.
    public func poll(_ descriptor: Int32, _ events: Int16, upTo nanoseconds: UInt64) -> End {
        begin(nanoseconds)
        var request = pollfd(fd: descriptor, events: events, revents: 0)
        // As below.
        return end(unsafe linux_ppoll(&request, 1, kernelTime))
    }

    /// Waits until one of these is as requested; the answers are in them.
    public func poll(_ requests: inout [pollfd], upTo nanoseconds: UInt64) -> End {
        begin(nanoseconds)
        let count = nfds_t(requests.count)
        // The kernel reads the requests and the time, which lives as long as this, and fills in the
        // answers.
        let result = unsafe requests.withUnsafeMutableBufferPointer {
            unsafe linux_ppoll($0.baseAddress, count, kernelTime)
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
        let result = unsafe clock_nanosleep(CLOCK_MONOTONIC, 0, kernelTime, &left)
        if result == EINTR { return left.nanoseconds }
        return wasRefused(result) ? nanoseconds : nil
    }

    /// As the kernel reads it.
    private var kernelTime: UnsafeMutablePointer<timespec> {
        // Two words of 64 bits, which live as long as this.
        unsafe UnsafeMutableRawPointer(time).assumingMemoryBound(to: timespec.self)
    }

    private func begin(_ nanoseconds: UInt64) {
        let length = timespec(nanoseconds: nanoseconds)
        unsafe time[0].store(length.tv_sec, ordering: .relaxed)
        unsafe time[1].store(length.tv_nsec, ordering: .sequentiallyConsistent)
        // Either the interrupting thread sees this store, or this thread sees its request.
        if isWanted.load(ordering: .sequentiallyConsistent) { refuse() }
    }

    private func refuse() {
        // The time lives as long as this.
        unsafe time[1].store(-1, ordering: .sequentiallyConsistent)
    }

    private func wasRefused(_ code: Int32) -> Bool {
        // It may also come late, for a wait that has ended since. The time lives as long as this.
        guard code == EINVAL, unsafe time[1].load(ordering: .sequentiallyConsistent) < 0 else {
            return false
        }
        isWanted.store(false, ordering: .sequentiallyConsistent)
        return true
    }

    deinit {
        // No thread waits, or it would hold a reference.
        unsafe time.deinitialize(count: 2)
        unsafe time.deallocate()
    }
}
