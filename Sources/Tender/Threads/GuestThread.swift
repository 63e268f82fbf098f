import CLinux
import Linux
import Synchronization

/// The thread of a vCPU or of a worker: its position, and requests to pause it.
///
/// A request to pause takes effect at the thread's next check: a vCPU's before it enters the guest,
/// when its last exit is complete; a worker's after it has waited. A thread that serves a hypercall
/// or waits counts as paused, since it checks before it continues.
public final class GuestThread: @unchecked Sendable {
    private enum Position {
        /// Not started yet, or ended.
        static let absent: UInt8 = 0
        /// In a hypercall, or in a worker's wait.
        static let outside: UInt8 = 1
        /// In the guest, or handling an exit; a worker at work.
        static let running: UInt8 = 2
        static let standing: UInt8 = 3
    }

    /// The name in messages, as in "Could not start the thread of vCPU 0".
    public let name: String
    /// A vCPU's exit counts.
    public let counters: ExitCounters
    /// The thread's wait, which other threads may interrupt.
    public let wait: InterruptibleWait
    /// Whether the thread is exempt from pauses and does not end with the guest.
    let standsApart: Bool
    private let requestExit: @Sendable () -> Void
    private let meeting: Meeting
    private let position = Atomic(Position.absent)
    /// The number of holds on the thread. Written inside the monitor.
    private let holdCount = Atomic(0)
    /// The number by which the kernel knows it; 0 before the thread starts.
    private let number = Atomic<Int32>(0)
    /// Whether any `Hold` exists. Set before the thread runs.
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

    /// The guest's end.
    public var ending: Ending { meeting.ending }

    // MARK: For the thread itself

    /// Binds this object to the calling thread.
    func adopt() {
        number.store(Thread.currentNumber, ordering: .sequentiallyConsistent)
        Thread.allowInterruptions()
    }

    /// Called before the thread enters the guest or works for it. Pauses first if requested.
    ///
    /// - Returns: false if the guest has ended.
    @inline(__always)
    public func enter() -> Bool {
        position.store(Position.running, ordering: .sequentiallyConsistent)
        return isFree || stand(before: Position.running)
    }

    /// Called before the thread serves a hypercall or waits.
    @inline(__always)
    public func leave() {
        position.store(Position.outside, ordering: .sequentiallyConsistent)
        if holdCount.load(ordering: .sequentiallyConsistent) > 0 { meeting.tell() }
    }

    /// Pauses if requested, after an interruption in any position.
    ///
    /// - Returns: false if the guest has come to its end.
    public func pass() -> Bool {
        isFree || stand(before: position.load(ordering: .relaxed))
    }

    /// Waits until one of these descriptors is ready, or the timeout has passed. May return early,
    /// with all `revents` 0.
    ///
    /// - Returns: false if the guest has come to its end.
    public func wait(for requests: inout [pollfd], upTo nanoseconds: UInt64 = .max) -> Bool {
        leave()
        if wait.poll(&requests, upTo: nanoseconds) != .ready {
            for index in requests.indices { requests[index].revents = 0 }
        }
        return enter()
    }

    /// Called when the thread has ended its work for the guest.
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

    /// Inside the monitor: counts the thread as paused, until `unmarkStanding`.
    ///
    /// - Returns: the position before. Not a function, which would need memory inside the monitor.
    func markStanding() -> UInt8 {
        let before = position.exchange(Position.standing, ordering: .sequentiallyConsistent)
        meeting.tellInside()
        return before
    }

    func unmarkStanding(_ before: UInt8) {
        position.store(before, ordering: .sequentiallyConsistent)
    }

    // MARK: For other threads

    /// Whether the thread serves a hypercall or waits.
    public var isOutside: Bool {
        position.load(ordering: .sequentiallyConsistent) == Position.outside
    }

    var isRunning: Bool { position.load(ordering: .sequentiallyConsistent) == Position.running }

    /// Inside the monitor.
    func hold() { holdCount.add(1, ordering: .sequentiallyConsistent) }
    func release() { holdCount.subtract(1, ordering: .sequentiallyConsistent) }

    /// Makes the thread check for a pause or the end: gets a vCPU out of the guest
    /// (`immediate_exit`), and ends the thread's current or next `InterruptibleWait`.
    /// Async-signal-safe; any thread may call it, also before the thread starts.
    public func interrupt() {
        requestExit()
        wait.interrupt()
        let number = number.load(ordering: .sequentiallyConsistent)
        if number != 0 { Thread.interrupt(number) }
    }

    /// Pins the thread to one of the host's CPUs (sched_setaffinity).
    public func bind(toCPU number: UInt32) throws(Errno) {
        try Thread.bind(self.number.load(ordering: .sequentiallyConsistent), toCPU: number)
    }
}

/// State shared by the threads of one guest.
final class Meeting: @unchecked Sendable {
    let monitor = Monitor()
    let ending: Ending
    /// Called, inside the monitor, when a thread's position changes. Complete before threads run.
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
