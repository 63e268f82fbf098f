import CLinux
import Linux
import Synchronization

/// Requests that a VP's run return, from any thread.
///
/// The kernel has no flag like KVM's immediate_exit: a signal ends MSHV_RUN_VP, but one that comes
/// just before the call is lost. So it is sent until the run has ended.
struct MSHVInterruption: ~Copyable {
    private enum Bit {
        /// The VP's thread is in a run, or about to enter the kernel for it.
        static let running: UInt8 = 1
        /// An exit is requested that no run has returned yet.
        static let requested: UInt8 = 2
    }

    private let state = Atomic<UInt8>(0)
    /// The VP's thread, and the kernel's number of it; 0 before its first run.
    private let thread = Atomic<UInt>(0)
    private let number = Atomic<Int32>(0)

    /// How often a waiting thread looks whether the run has ended, before it sends another signal:
    /// some 100 µs.
    private static let looks = 2000

    // MARK: For the VP's thread

    /// Called before the VP runs.
    ///
    /// - Returns: false if the run is to return at once; the request is then done with.
    @inline(__always)
    func begin() -> Bool {
        if thread.load(ordering: .relaxed) == 0 {
            number.store(Thread.currentNumber, ordering: .sequentiallyConsistent)
            thread.store(Thread.current, ordering: .sequentiallyConsistent)
        }
        let before = state.bitwiseOr(Bit.running, ordering: .sequentiallyConsistent).oldValue
        guard before & Bit.requested != 0 else { return true }
        forget()
        return false
    }

    /// Called when the VP has stopped by itself. A request remains for the next run.
    @inline(__always)
    func end() {
        state.bitwiseAnd(~Bit.running, ordering: .sequentiallyConsistent)
    }

    /// Called when a signal has stopped the VP, before the run's caller looks for the reason.
    func forget() {
        state.store(0, ordering: .sequentiallyConsistent)
    }

    var isRequested: Bool {
        state.load(ordering: .sequentiallyConsistent) & Bit.requested != 0
    }

    // MARK: For any thread

    /// Ends the run that the VP is in, or else the next one. Async-signal-safe.
    func request() {
        state.bitwiseOr(Bit.requested, ordering: .sequentiallyConsistent)
        let thread = thread.load(ordering: .sequentiallyConsistent)
        // A signal handler on the VP's own thread: the signal has stopped the VP.
        guard thread != 0, thread != Thread.current else { return }
        while isPending {
            Thread.interrupt(number.load(ordering: .sequentiallyConsistent))
            for _ in 0..<Self.looks {
                if !isPending { break }
                linux_relax()
            }
        }
    }

    /// Whether the run has not seen the request yet.
    private var isPending: Bool {
        state.load(ordering: .sequentiallyConsistent) == Bit.running | Bit.requested
    }
}
