import Hypervisor
import Linux
import Tender

/// All-stop control of a guest: synchronises the vCPU threads with the debugger's thread, and keeps
/// the stops that have not been reported to the debugger yet.
///
/// As soon as one vCPU stops, all do.
final class GuestControl: @unchecked Sendable {
    private let threads: GuestThreads
    private let hold: Hold
    /// Wakes the debugger's thread on any change.
    private let tell: () -> Void
    private let monitor = Monitor()
    // Everything below is guarded by the monitor.
    private var untold: [Stop?]
    /// The vCPU that stopped first, of those whose stop has not been reported.
    private var first: Int?
    /// Whether a debugger is attached, so that stops are reported.
    private var isWatched = true
    private var end: GuestEnd?
    private var isEndTold = false

    /// Holds all vCPUs before their first instruction.
    init(_ threads: GuestThreads, tell: @escaping () -> Void) {
        self.threads = threads
        self.tell = tell
        untold = threads.vcpus.map { _ in nil }
        hold = threads.makeHold(tell: tell)
        hold.pause()
    }

    // MARK: For the vCPUs' threads

    /// Stops all vCPUs, and waits on this vCPU's thread until the debugger resumes it.
    func stop(cpu: Int, for stop: Stop) -> Verdict {
        let verdict = stop.isFault ? Verdict.pass : .resume
        let isTold = monitor.withLock {
            guard isWatched, !threads.ending.isOver else { return false }
            untold[cpu] = stop
            if first == nil { first = cpu }
            return true
        }
        if isTold { _ = hold.stand(cpu: cpu) }
        return threads.ending.isOver ? .killed : verdict
    }

    /// Notifies the debugger of the guest's end, and waits until that has been reported to it.
    func finish(_ end: GuestEnd) {
        monitor.withLock {
            self.end = end
            tell()
            monitor.wait { isEndTold }
        }
    }

    // MARK: For the debugger's thread

    /// Whether all vCPUs are stopped, or will stop before their next guest instruction.
    var isStill: Bool { hold.isStill }

    var guestEnd: GuestEnd? { monitor.withLock { end } }

    func confirmEnd() {
        monitor.withLock {
            isEndTold = true
            monitor.notify()
        }
    }

    func isServing(_ cpu: Int) -> Bool { threads.vcpus[cpu].isOutside }

    /// The exit counters of a vCPU.
    func counters(_ cpu: Int) -> ExitCounters { threads.vcpus[cpu].counters }

    /// Stops all vCPUs for a debugger; their stops are reported from now on.
    func halt() {
        monitor.withLock { isWatched = true }
        hold.pause()
    }

    /// Dequeues the next stop to report.
    func takeStop() -> (cpu: Int, stop: Stop)? {
        monitor.withLock {
            guard let cpu = first ?? untold.firstIndex(where: { $0 != nil }),
                let stop = untold[cpu]
            else { return nil }
            first = nil
            untold[cpu] = nil
            return (cpu, stop)
        }
    }

    /// Whether a stop is pending that must be reported before the guest resumes.
    var hasNews: Bool {
        monitor.withLock { untold.contains { $0?.mustBeTold ?? false } }
    }

    /// Resumes some vCPUs. Before the call, all of them are stopped.
    ///
    /// - Parameter isWatched: whether a debugger is still attached, so that stops are reported.
    func resume(_ chosen: [Bool], isWatched: Bool = true) {
        monitor.withLock {
            self.isWatched = isWatched
            first = nil
            for cpu in untold.indices where chosen[cpu] { untold[cpu] = nil }
        }
        hold.resume { chosen[$0] }
    }

    /// Ends the guest.
    ///
    /// - Returns: whether a vCPU thread can end it now. If all serve hypercalls, that may take for
    ///   ever.
    func kill() -> Bool { threads.end(.stopped(status: 1)) }
}

extension Verdict {
    static var killed: Verdict { .end(status: 1) }
}
