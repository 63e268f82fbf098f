import CLinux

/// A thread of this process. It gets no signals but those that it lets in itself.
public struct Thread: ~Copyable, Sendable {
    private let handle: linux_thread

    /// In bytes.
    private static let stackSize = 1 << 20

    /// Starts a thread that does `body` and then ends.
    ///
    /// - Throws: EPERM if a policy refuses clone(2) or clone3(2). A signal that says so would come while the C
    ///   library has all signals blocked, and end the process, so that it is asked for before.
    public static func start(_ body: @escaping @Sendable () -> Void) throws(Errno) -> Thread {
        if linux_attempt_clone() == -1, linux_errno() == EPERM { throw Errno(EPERM) }
        // The new thread has the signal mask of the one that makes it.
        var all = sigset_t()
        var previous = sigset_t()
        unsafe sigfillset(&all)
        // A system call that a sandbox refuses shall be explained, whichever thread made it; so shall a
        // lack of memory; and an access to a mapped file may find no room for it. Blocked, their
        // signals would end the process.
        for signal in [SIGSYS, SIGBUS] + Heap.signals { unsafe sigdelset(&all, signal) }
        unsafe pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
        let work = unsafe Unmanaged.passRetained(Work(body))
        var handle = linux_thread()
        // The new thread takes over the reference; if there is none, it is given up here.
        let error = unsafe linux_start_thread(&handle, stackSize, Work.main, work.toOpaque())
        guard error == 0 else {
            unsafe work.release()
            throw Errno(error)
        }
        return Thread(handle: handle)
    }

    /// Why a thread could not be started, in words, with what to do about it.
    public static func obstacle(_ errno: Errno) -> String {
        let hint =
            switch errno.code {
            case EPERM:
                "a seccomp policy, such as a container's, refuses \(LINUX_CLONE_NAME): allow it there"
            // The C library says so for want of memory as well.
            case EAGAIN:
                "too many processes, or too little memory for its stack: see ulimit -u and -v, and "
                    + "pids.max of the cgroup"
            case ENOMEM: Heap.limits
            default: ""
            }
        return hint.isEmpty ? "\(errno)" : "\(errno) (\(hint))"
    }

    /// The number by which the kernel knows the calling thread.
    public static var currentNumber: Int32 { gettid() }

    /// What tells the calling thread from others, without a system call.
    public static var current: UInt { linux_this_thread() }

    /// Has a thread run on one of the host's CPUs only.
    public static func bind(_ thread: Int32, toCPU number: UInt32) throws(Errno) {
        _ = try checked(linux_bind_thread(thread, number))
    }

    /// Waits for it to end.
    public consuming func join() {
        _ = linux_join_thread(handle)
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
