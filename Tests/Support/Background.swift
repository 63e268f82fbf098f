import Foundation

/// Something that runs on a thread of its own while a test blocks.
///
/// Tests share a few threads that must not wait for each other; this one is extra.
public final class Background: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let lock = NSLock()
    private var failure: (any Error)?

    public init(_ body: @escaping @Sendable () throws -> Void) {
        Thread { [self] in
            do {
                try body()
            } catch {
                lock.withLock { failure = error }
            }
            done.signal()
        }.start()
    }

    /// Waits for it to end, once; its error becomes the caller's.
    public func join() throws {
        done.wait()
        if let failure = lock.withLock({ failure }) { throw failure }
    }
}

/// Sends the thread that makes it one signal after the other, until it is stopped.
///
/// The signal, SIGUSR1, has a handler that does nothing but interrupt system calls.
public final class Interruptions: Sendable {
    private let state = State()
    private let thread: Background

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
        let target = pthread_self()
        let state = state
        thread = Background {
            repeat { usleep(interval) } while state.send(to: target)
        }
    }

    /// How many were sent so far.
    public var count: Int { state.count }

    public func stop() throws {
        state.stop()
        try thread.join()
    }
}
