import CLinux

/// A thread of this process. It gets no signals but those that it lets in itself.
public struct Thread: ~Copyable, Sendable {
    /// What pthread_kill knows it by, until it is joined.
    public let handle: pthread_t

    /// Starts a thread that does `body` and then ends.
    public static func start(_ body: @escaping @Sendable () -> Void) throws(Errno) -> Thread {
        // The new thread has the signal mask of the one that makes it.
        var all = sigset_t()
        var previous = sigset_t()
        unsafe sigfillset(&all)
        // A system call that a sandbox refuses shall be explained, whichever thread made it.
        unsafe sigdelset(&all, SIGSYS)
        // An access to a mapped file may find no room for it; blocked, its signal ends the process.
        unsafe sigdelset(&all, SIGBUS)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
        let work = unsafe Unmanaged.passRetained(Work(body))
        var handle = pthread_t()
        // The new thread takes over the reference; if there is none, it is given up here.
        let error = unsafe pthread_create(&handle, nil, Work.main, work.toOpaque())
        guard error == 0 else {
            unsafe work.release()
            throw Errno(error)
        }
        return Thread(handle: handle)
    }

    /// Has it run on one of the host's CPUs only.
    public borrowing func bind(toCPU number: UInt32) throws(Errno) {
        let error = linux_bind_thread(handle, number)
        guard error == 0 else { throw Errno(error) }
    }

    /// Waits for it to end.
    public consuming func join() {
        _ = pthread_join(handle, nil)
    }

    /// Does nothing any more, until the end of the process: what a thread needs to end is more than
    /// what others may need at that time.
    public static func park() -> Never {
        while true { _ = pause() }
    }

    private final class Work {
        private let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }

        static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
            context in
            guard let context = unsafe context else { return nil }
            let work = unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
            work.body()
            return nil
        }
    }
}
