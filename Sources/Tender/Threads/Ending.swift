import Linux
import Synchronization

/// How a guest comes to its end: the first to report one decides.
public final class Ending: @unchecked Sendable {
    public enum Outcome: Sendable {
        /// The guest ended by itself, with this code.
        case exit(Int32)
        /// An observer ended it, with this exit status.
        case stopped(status: Int32)
        case failure(TenderError, cpu: Int)
    }

    private let lock = Lock()
    /// Guarded by `lock`.
    private var outcome: Outcome?
    private let isReached = Atomic(false)
    /// Signalled at the end; nil if no thread waits for that.
    private let event: EventDescriptor?
    /// The event's descriptor; -1 if there is none.
    public let eventNumber: Int32

    /// One that a thread waits for, which runs no vCPU.
    public static func awaited() throws(TenderError) -> Ending {
        Ending(
            try wrapping({ .failed("Could not make an event descriptor: \($0)") }) {
                () throws(Errno) in try EventDescriptor()
            })
    }

    /// One that the thread of the only vCPU comes to by itself.
    public init() {
        event = nil
        eventNumber = -1
    }

    private init(_ event: consuming EventDescriptor) {
        eventNumber = event.number
        self.event = .some(event)
    }

    /// Whether vCPUs should stop.
    public var isOver: Bool { isReached.load(ordering: .sequentiallyConsistent) }

    /// What decided, if anything has.
    public var first: Outcome? { lock.withLock { outcome } }

    public func report(_ outcome: Outcome) {
        lock.withLock {
            if self.outcome == nil { self.outcome = outcome }
        }
        close()
        event?.signal()
    }

    /// Has vCPUs stop, whatever decided that.
    func close() { isReached.store(true, ordering: .sequentiallyConsistent) }

    /// Waits for the end.
    ///
    /// - Returns: nil if it was a signal that woke us, or a thread that can't go on.
    public func wait() -> Outcome? {
        while eventNumber >= 0 {
            if let outcome = first { return outcome }
            if Emergency.isDeclared {
                Heap.releaseRation()
                close()
                return nil
            }
            if Signals.diverted != nil {
                close()
                return nil
            }
            event?.wait()
        }
        return first
    }

    /// How the guest ends for the thread that runs its only vCPU.
    package func halt() throws(TenderError) -> Halt {
        switch first {
        case .exit(let status): return Halt(exitStatus: status, cookie: GuestAddress(0))
        case .stopped(let status): return .forced(status)
        case .failure(let error, _): throw error
        case nil: return .forced(1)
        }
    }
}

extension GuestEnd {
    /// - Parameter outcome: nil for the end by a signal.
    public init(_ outcome: Ending.Outcome?) {
        self =
            switch outcome {
            case .exit(let code): .halt(Halt(exitStatus: code, cookie: GuestAddress(0)))
            case .failure(_, let cpu): .fault(cpu: cpu)
            case .stopped, nil: .stopped
            }
    }
}
