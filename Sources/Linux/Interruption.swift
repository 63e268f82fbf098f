import CLinux

// Interrupting a thread's system call by a signal that does nothing else.
extension Thread {
    /// To be called once, before any thread is interrupted.
    public static func prepareInterruptions() throws(Errno) {
        _ = try checked(linux_handle_signal(linux_spare_signal()) { _ in })
    }

    /// Lets the calling thread be interrupted. Threads are not unless they ask for it.
    public static func allowInterruptions() {
        var signals = sigset_t()
        // These fill in and read the set during the calls.
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, linux_spare_signal())
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Interrupts what system call a thread is in, if it allows that.
    public static func interrupt(_ thread: Int32) {
        _ = linux_signal_thread(thread, linux_spare_signal())
    }
}

extension EventDescriptor {
    /// Waits for a signal, and forgets it.
    ///
    /// - Parameter nanoseconds: how long at most; nil for as long as it takes.
    /// - Returns: whether there was one. A signal to the thread also ends the wait.
    @discardableResult
    public borrowing func wait(upTo nanoseconds: UInt64? = nil) -> Bool {
        var request = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        // ppoll reads the request and the timeout, and fills in the answer.
        if let nanoseconds {
            var timeout = timespec(nanoseconds: nanoseconds)
            _ = unsafe ppoll(&request, 1, &timeout, nil)
        } else {
            _ = unsafe ppoll(&request, 1, nil, nil)
        }
        return clear()
    }
}
