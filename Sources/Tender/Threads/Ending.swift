import Linux
import Synchronization

/// A guest's end: the first outcome reported decides.
public final class Ending: @unchecked Sendable {
    public enum Outcome: Sendable {
        /// The guest exited with this code.
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

    /// An ending with an eventfd, for a thread that waits and runs no vCPU.
    public static func awaited() throws(TenderError) -> Ending {
        Ending(
            try wrapping({ TenderError.failed("Could not make an event descriptor: \($0)") }) {
                () throws(Errno) in try EventDescriptor()
            })
    }

    /// An ending without an eventfd, for a guest whose only vCPU runs on the main thread.
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

    /// The outcome that decided, if any.
    public var first: Outcome? { lock.withLock { outcome } }

    public func report(_ outcome: Outcome) {
        lock.withLock {
            if self.outcome == nil { self.outcome = outcome }
        }
        close()
        event?.signal()
    }

    /// Makes vCPUs stop, without an outcome.
    func close() { isReached.store(true, ordering: .sequentiallyConsistent) }

    /// Waits for the end.
    ///
    /// - Returns: nil if a signal or a declared emergency woke the caller.
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

    /// The end as the thread of the only vCPU returns it.
    package func halt() throws(TenderError) -> Halt {
        switch first {
        case .exit(let status): return Halt(exitStatus: status, cookie: GuestAddress(0))
        case .stopped(let status): return .forced(status)
        case .failure(let error, _): throw error
        case nil: return .forced(1)
        }
    }
}

/// The reason for a guest's end.
public enum GuestEnd: Equatable, Sendable {
    /// A halt by the guest; the cookie is 0 for guest kinds without one.
    case halt(Halt)
    /// A fault that the guest does not survive, on this vCPU.
    case fault(cpu: Int)
    /// A stop by an observer or a signal.
    case stopped
}

extension GuestEnd {
    /// - Parameter outcome: nil if a signal ended the guest.
    public init(_ outcome: Ending.Outcome?) {
        self =
            switch outcome {
            case .exit(let code): .halt(Halt(exitStatus: code, cookie: GuestAddress(0)))
            case .failure(_, let cpu): .fault(cpu: cpu)
            case .stopped, nil: .stopped
            }
    }
}
