import Foundation

/// Sends the thread that makes it one signal after the other, until that thread stops it.
///
/// The signal, SIGUSR1, has a handler that does nothing but interrupt system calls.
public final class Interruptions: Sendable {
    private let state = State()
    private let thread: Background<Void>
    private let mask: sigset_t

    private final class State: @unchecked Sendable {
        private let lock = NSLock()
        private var isStopped = false
        private var sent = 0

        func stop() { lock.withLock { isStopped = true } }
        var count: Int { lock.withLock { sent } }

        /// Sends one more, unless stopped: the target may be gone by then.
        func send(to target: pthread_t) -> Bool {
            lock.withLock {
                if isStopped { return false }
                pthread_kill(target, SIGUSR1)
                sent += 1
                return true
            }
        }
    }

    /// - Parameter interval: between two signals, in microseconds.
    public init(every interval: UInt32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGUSR1, &action, nil)
        // The threads that tests run on block most signals.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGUSR1)
        var old = sigset_t()
        pthread_sigmask(SIG_UNBLOCK, &signals, &old)
        mask = old
        let target = pthread_self()
        let state = state
        thread = Background {
            repeat { usleep(interval) } while state.send(to: target)
        }
        // So that they do come, however late the thread begins.
        while state.count == 0 { usleep(100) }
    }

    /// How many were sent so far.
    public var count: Int { state.count }

    public func stop() throws {
        state.stop()
        try thread.join()
        var mask = mask
        pthread_sigmask(SIG_SETMASK, &mask, nil)
    }
}
