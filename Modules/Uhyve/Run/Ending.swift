import Linux
import Tender

/// How a guest with several vCPUs comes to its end: the first to report one decides.
final class Ending: @unchecked Sendable {
    enum Outcome: Sendable {
        /// The guest ended by itself, with this code.
        case exit(Int32)
        /// An observer ended it, with this exit status.
        case stopped(status: Int32)
        case failure(TenderError, cpu: Int)
    }

    private let lock = Lock()
    // All guarded by `lock`.
    private var outcome: Outcome?
    private var isReached = false
    private var stoppedCount = 0
    /// Signalled at the end, and by each vCPU that stops.
    let event: EventDescriptor

    init() throws(TenderError) {
        event = try wrapping({ .failed("Could not make an event descriptor: \($0)") }) {
            () throws(Errno) in try EventDescriptor()
        }
    }

    /// Whether vCPUs should stop.
    var isOver: Bool { lock.withLock { isReached } }

    func report(_ outcome: Outcome) {
        lock.withLock {
            if self.outcome == nil { self.outcome = outcome }
            isReached = true
        }
        event.signal()
    }

    /// To be said by each vCPU's thread when it will do nothing more.
    func reportStop() {
        lock.withLock { stoppedCount += 1 }
        event.signal()
    }

    /// Waits for the end.
    ///
    /// - Returns: nil if it was a signal that woke us, or a thread that can't go on.
    func wait() -> Outcome? {
        while true {
            if let outcome = lock.withLock({ outcome }) { return outcome }
            if Emergency.isDeclared {
                Heap.releaseRation()
                lock.withLock { isReached = true }
                return nil
            }
            if Signals.diverted != nil {
                lock.withLock { isReached = true }
                return nil
            }
            event.wait()
        }
    }

    /// Waits for all vCPUs to stop, but not long: one may be waiting in a system call.
    func waitForStops(of count: Int) {
        let deadline = Deadline(after: 100_000_000)
        while lock.withLock({ stoppedCount }) < count, deadline.remaining > 0 {
            event.wait(upTo: deadline.remaining)
        }
    }
}

extension GuestEnd {
    /// - Parameter outcome: nil for the end by a signal.
    init(_ outcome: Ending.Outcome?) {
        self =
            switch outcome {
            case .exit(let code): .halt(Halt(exitStatus: code, cookie: GuestAddress(0)))
            case .failure(_, let cpu): .fault(cpu: cpu)
            case .stopped, nil: .stopped
            }
    }
}
