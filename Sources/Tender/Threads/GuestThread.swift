import CLinux
import Linux
import Synchronization

/// The thread of a vCPU, or of a worker: where it is, and what it is to do next.
///
/// A thread is asked to stand still, and does so at the next point where it looks: a vCPU's before it
/// runs the guest, when what its last exit was about is complete; a worker's after it has waited. One
/// that serves a hypercall or waits counts as still, since it looks before it goes on.
public final class GuestThread: @unchecked Sendable {
    private enum Position {
        /// Not there yet, or no more.
        static let absent: UInt8 = 0
        /// In a hypercall, or in a worker's wait.
        static let outside: UInt8 = 1
        /// In the guest, or dealing with what it stopped for; a worker at work.
        static let running: UInt8 = 2
        static let standing: UInt8 = 3
    }

    /// As in "Could not start the thread of vCPU 0".
    public let name: String
    /// What a vCPU stopped for.
    public let counters: ExitCounters
    /// Any wait of the thread that others may interrupt.
    public let wait: InterruptibleWait
    /// Whether it neither stands still nor ends with the guest.
    let standsApart: Bool
    private let requestExit: @Sendable () -> Void
    private let meeting: Meeting
    private let position = Atomic(Position.absent)
    /// How many holds there are on it. Written inside the monitor.
    private let holdCount = Atomic(0)
    /// A pthread_t; 0 before the thread is there.
    private let handle = Atomic<UInt>(0)
    /// Whether there are holds that may be used. Set before the thread runs.
    public internal(set) var canBeHeld = false

    init(
        _ name: String, _ meeting: Meeting, _ wait: InterruptibleWait, standsApart: Bool = false,
        callNumbers: [Int32] = [], requestExit: @escaping @Sendable () -> Void = {}
    ) {
        self.name = name
        self.meeting = meeting
        self.wait = wait
        self.standsApart = standsApart
        self.requestExit = requestExit
        counters = ExitCounters(callNumbers: callNumbers)
    }

    /// How the guest ends.
    public var ending: Ending { meeting.ending }

    // MARK: For the thread itself

    /// Makes the calling thread this one.
    func adopt() {
        handle.store(UInt(pthread_self()), ordering: .sequentiallyConsistent)
        Thread.allowInterruptions()
    }

    /// The thread is about to run the guest, or to work for it. Stands still first if it is to.
    ///
    /// - Returns: whether it may; if not, the guest has come to its end.
    @inline(__always)
    public func enter() -> Bool {
        position.store(Position.running, ordering: .sequentiallyConsistent)
        return isFree || stand(before: Position.running)
    }

    /// The thread begins to serve a hypercall, or to wait.
    @inline(__always)
    public func leave() {
        position.store(Position.outside, ordering: .sequentiallyConsistent)
        if holdCount.load(ordering: .sequentiallyConsistent) > 0 { meeting.tell() }
    }

    /// Stands still if it is to, after it was interrupted, wherever that was.
    ///
    /// - Returns: false if the guest has come to its end.
    public func pass() -> Bool {
        isFree || stand(before: position.load(ordering: .relaxed))
    }

    /// Waits until one of these descriptors is as requested, for as long as it takes or is said.
    /// Without a reason, too, but with no answers then.
    ///
    /// - Returns: false if the guest has come to its end.
    public func wait(for requests: inout [pollfd], upTo nanoseconds: UInt64 = .max) -> Bool {
        leave()
        if wait.poll(&requests, upTo: nanoseconds) != .ready {
            for index in requests.indices { requests[index].revents = 0 }
        }
        return enter()
    }

    /// The thread will do nothing more for the guest.
    func finish() {
        position.store(Position.absent, ordering: .sequentiallyConsistent)
        meeting.tell()
    }

    @inline(__always)
    private var isFree: Bool {
        holdCount.load(ordering: .sequentiallyConsistent) == 0 && !meeting.ending.isOver
    }

    @inline(never)
    private func stand(before next: UInt8) -> Bool {
        meeting.monitor.withLock { standInside(before: next) }
    }

    /// Inside the monitor.
    func standInside() -> Bool { standInside(before: position.load(ordering: .relaxed)) }

    private func standInside(before next: UInt8) -> Bool {
        if !standsApart {
            position.store(Position.standing, ordering: .sequentiallyConsistent)
            meeting.tellInside()
            meeting.monitor.wait { isFree || meeting.ending.isOver }
        }
        position.store(next, ordering: .sequentiallyConsistent)
        return !meeting.ending.isOver
    }

    /// Inside the monitor: counts as still while `wait` waits and lets others in, and until the
    /// function is done that this returns.
    func markStanding() -> () -> Void {
        let before = position.exchange(Position.standing, ordering: .sequentiallyConsistent)
        meeting.tellInside()
        return { self.position.store(before, ordering: .sequentiallyConsistent) }
    }

    // MARK: For other threads

    /// Whether it serves a hypercall, or waits.
    public var isOutside: Bool {
        position.load(ordering: .sequentiallyConsistent) == Position.outside
    }

    var isRunning: Bool { position.load(ordering: .sequentiallyConsistent) == Position.running }

    /// Inside the monitor.
    func hold() { holdCount.add(1, ordering: .sequentiallyConsistent) }
    func release() { holdCount.subtract(1, ordering: .sequentiallyConsistent) }

    /// Has the thread look whether it is to stand still or end: gets a vCPU out of the guest
    /// (`immediate_exit`), and the thread out of an `InterruptibleWait`, or ends the next one. To be
    /// called by any thread and by handlers of signals, before the thread is there as well.
    public func interrupt() {
        requestExit()
        wait.interrupt()
        let handle = handle.load(ordering: .sequentiallyConsistent)
        if handle != 0 { Thread.interrupt(pthread_t(handle)) }
    }

    /// Has it run on one of the host's CPUs only.
    public func bind(toCPU number: UInt32) throws(Errno) {
        let handle = pthread_t(handle.load(ordering: .sequentiallyConsistent))
        try Thread.bind(handle, toCPU: number)
    }
}

/// What the threads of one guest share.
final class Meeting: @unchecked Sendable {
    let monitor = Monitor()
    let ending: Ending
    /// Told, inside the monitor, of any change of where threads are. Complete before they run.
    var listeners: [() -> Void] = []

    init(_ ending: Ending) {
        self.ending = ending
    }

    func tell() { monitor.withLock { tellInside() } }

    func tellInside() {
        for listener in listeners { listener() }
        monitor.notify()
    }
}
