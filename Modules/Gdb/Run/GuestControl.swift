import Hypervisor
import Linux
import Tender

/// Which vCPUs run, and which stand still for a debugger: where the threads that run them and the
/// debugger's thread meet.
///
/// As soon as one vCPU stops, all do. One whose thread serves a hypercall is as good as still: it
/// stops before the guest's next instruction.
final class GuestControl: @unchecked Sendable {
    private enum Place {
        case running, serving, standing
    }

    private let subject: Subject
    private let monitor = Monitor()
    /// Tells the debugger's thread of any change.
    private let tell: () -> Void
    // All that follows is guarded by the monitor.
    private var places: [Place]
    private var mayRun: [Bool]
    private var untold: [Stop?]
    /// The first to stop, of those that nobody has been told of.
    private var first: Int?
    /// Whether there is a debugger that wants to know.
    private var isWatched = true
    private var isKilled = false
    private var end: GuestEnd?
    private var isEndTold = false

    /// Holds all of them from their first instruction on.
    init(_ subject: Subject, tell: @escaping () -> Void) {
        self.subject = subject
        self.tell = tell
        places = subject.vcpus.map { _ in .running }
        mayRun = subject.vcpus.map { _ in false }
        untold = subject.vcpus.map { _ in nil }
    }

    // MARK: For the vCPUs' threads

    /// Stands still if it is to.
    func pass(cpu: Int) -> Verdict {
        monitor.withLock {
            guard !mayRun[cpu], end == nil else { return .pass }
            stand(cpu)
            return isKilled ? .killed : .pass
        }
    }

    /// Stops them all, and stands still.
    func stop(cpu: Int, for stop: Stop) -> Verdict {
        monitor.withLock {
            guard end == nil else { return .pass }
            if !isKilled {
                guard isWatched else { return stop.isFault ? .pass : .resume }
                untold[cpu] = stop
                if first == nil { first = cpu }
                places[cpu] = .standing
                holdAll()
                stand(cpu)
            }
            if isKilled { return .killed }
            return stop.isFault ? .pass : .resume
        }
    }

    func beginServing(cpu: Int) {
        monitor.withLock {
            places[cpu] = .serving
            if !mayRun[cpu] { tell() }
        }
    }

    /// Stands still if it is to. A fault is told like those that vCPUs have.
    func endServing(cpu: Int, isFault: Bool) {
        if isFault {
            _ = stop(cpu: cpu, for: .fault(.systemCall))
            return
        }
        monitor.withLock {
            places[cpu] = .running
            if !mayRun[cpu], end == nil { stand(cpu) }
        }
    }

    /// Inside the lock.
    private func stand(_ cpu: Int) {
        places[cpu] = .standing
        tell()
        monitor.wait { mayRun[cpu] || isKilled || end != nil }
        places[cpu] = .running
    }

    /// Tells the debugger that it is over, and waits until it has said so.
    func finish(_ end: GuestEnd) {
        monitor.withLock {
            self.end = end
            tell()
            monitor.notify()
            monitor.wait { isEndTold }
        }
    }

    // MARK: For the debugger's thread

    /// Whether all vCPUs stand still, or do so before they run on.
    var isStill: Bool {
        monitor.withLock { !places.contains(.running) && !mayRun.contains(true) }
    }

    var guestEnd: GuestEnd? { monitor.withLock { end } }

    func confirmEnd() {
        monitor.withLock {
            isEndTold = true
            monitor.notify()
        }
    }

    func isServing(_ cpu: Int) -> Bool { monitor.withLock { places[cpu] == .serving } }

    /// Has all vCPUs come to stand still, for someone who wants to know why they stop.
    func halt() {
        monitor.withLock {
            isWatched = true
            holdAll()
        }
    }

    private func holdAll() {
        for cpu in places.indices {
            mayRun[cpu] = false
            // The others look whether they may before they run.
            if places[cpu] == .running { subject.interrupt(cpu) }
        }
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
            for cpu in places.indices where chosen[cpu] {
                untold[cpu] = nil
                mayRun[cpu] = true
            }
            monitor.notify()
        }
    }

    /// Ends the guest.
    ///
    /// - Returns: whether there is a thread that does it; if all serve calls, that may take for ever.
    func kill() -> Bool {
        monitor.withLock {
            isKilled = true
            holdAll()
            monitor.notify()
            return places.contains { $0 != .serving }
        }
    }
}

extension Verdict {
    static var killed: Verdict { .end(status: 1) }
}
