import Hypervisor
import Linux
import Tender

/// Which of the guest's stops the debugger has been told of: where the threads that run vCPUs and the
/// debugger's thread meet.
///
/// As soon as one vCPU stops, all do.
final class GuestControl: @unchecked Sendable {
    private let threads: GuestThreads
    private let hold: Hold
    /// Tells the debugger's thread of any change.
    private let tell: () -> Void
    private let monitor = Monitor()
    // All that follows is guarded by the monitor.
    private var untold: [Stop?]
    /// The first to stop, of those that nobody has been told of.
    private var first: Int?
    /// Whether there is a debugger that wants to know.
    private var isWatched = true
    private var end: GuestEnd?
    private var isEndTold = false

    /// Holds all of them from their first instruction on.
    init(_ threads: GuestThreads, tell: @escaping () -> Void) {
        self.threads = threads
        self.tell = tell
        untold = threads.vcpus.map { _ in nil }
        hold = threads.makeHold(tell: tell)
        hold.pause()
    }

    // MARK: For the vCPUs' threads

    /// Stops them all, and stands still.
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

    /// Tells the debugger that it is over, and waits until it has said so.
    func finish(_ end: GuestEnd) {
        monitor.withLock {
            self.end = end
            tell()
            monitor.wait { isEndTold }
        }
    }

    // MARK: For the debugger's thread

    /// Whether all vCPUs stand still, or do so before they run on.
    var isStill: Bool { hold.isStill }

    var guestEnd: GuestEnd? { monitor.withLock { end } }

    func confirmEnd() {
        monitor.withLock {
            isEndTold = true
            monitor.notify()
        }
    }

    func isServing(_ cpu: Int) -> Bool { threads.vcpus[cpu].isOutside }

    /// How often a vCPU stopped, and for what.
    func counters(_ cpu: Int) -> ExitCounters { threads.vcpus[cpu].counters }

    /// Has all vCPUs come to stand still, for someone who wants to know why they stop.
    func halt() {
        monitor.withLock { isWatched = true }
        hold.pause()
    }

    /// The next stop to tell of, which then is told.
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

    /// Whether a vCPU stopped for something that the debugger still has to be told.
    var hasNews: Bool {
        monitor.withLock { untold.contains { $0?.mustBeTold ?? false } }
    }

    /// Lets some vCPUs run on. All of them stand still.
    ///
    /// - Parameter isWatched: whether there is still someone who wants to know why they stop.
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
    /// - Returns: whether there is a thread that does it; if all serve calls, that may take for ever.
    func kill() -> Bool { threads.end(.stopped(status: 1)) }
}

extension Verdict {
    static var killed: Verdict { .end(status: 1) }
}
