import Linux

/// A means to pause the guest, for one observer: a debugger, a core dumper.
///
/// Each observer has its own. A vCPU runs only if no hold is on it, and workers only if no observer
/// holds all vCPUs.
public final class Hold: @unchecked Sendable {
    private let threads: GuestThreads
    // Guarded by the monitor.
    private var holdsCPU: [Bool]
    private var holdsWorkers = false

    init(_ threads: GuestThreads) {
        self.threads = threads
        holdsCPU = threads.vcpus.map { _ in false }
    }

    /// Requests that all threads pause, and returns at once. Not to be called on a vCPU's thread.
    public func pause() {
        threads.monitor.withLock { holdAll() }
    }

    /// Pauses all threads from a vCPU's own thread, which pauses in this call.
    ///
    /// - Returns: false if the guest has ended.
    public func stand(cpu: Int) -> Bool {
        threads.monitor.withLock {
            let before = threads.vcpus[cpu].markStanding()
            holdAll()
            threads.vcpus[cpu].unmarkStanding(before)
            return threads.vcpus[cpu].standInside()
        }
    }

    /// Runs `body` on a vCPU's own thread while all threads are paused, and resumes them; skips
    /// `body` if the guest ends meanwhile.
    public func whileStill(cpu: Int, _ body: () -> Void) {
        let before = threads.monitor.withLock {
            let before = threads.vcpus[cpu].markStanding()
            holdAll()
            threads.monitor.wait { isStillInside || threads.ending.isOver }
            return before
        }
        if !threads.ending.isOver { body() }
        threads.monitor.withLock {
            releaseInside { _ in true }
            threads.vcpus[cpu].unmarkStanding(before)
        }
    }

    /// Waits until all threads are paused.
    ///
    /// - Returns: false if the guest has ended instead.
    public func waitUntilStill() -> Bool {
        threads.monitor.withLock {
            threads.monitor.wait { isStillInside || threads.ending.isOver }
            return !threads.ending.isOver
        }
    }

    /// Whether this hold is on all threads, and all are paused, or will be before they continue.
    public var isStill: Bool { threads.monitor.withLock { isStillInside } }

    /// Resumes vCPUs, and workers.
    ///
    /// - Parameter isChosen: whether to resume this vCPU.
    public func resume(_ isChosen: (_ cpu: Int) -> Bool = { _ in true }) {
        threads.monitor.withLock { releaseInside(isChosen) }
    }

    private var isStillInside: Bool {
        holdsWorkers && holdsCPU.allSatisfy { $0 }
            && !threads.vcpus.contains { $0.isRunning }
            && !threads.pausedWorkers.contains { $0.isRunning }
    }

    private func holdAll() {
        for (cpu, thread) in threads.vcpus.enumerated() where !holdsCPU[cpu] {
            holdsCPU[cpu] = true
            thread.hold()
        }
        if !holdsWorkers {
            holdsWorkers = true
            for worker in threads.pausedWorkers { worker.hold() }
        }
        // Threads in other positions check before they continue.
        for thread in threads.vcpus where thread.isRunning { thread.interrupt() }
    }

    private func releaseInside(_ isChosen: (Int) -> Bool) {
        var isAny = false
        for (cpu, thread) in threads.vcpus.enumerated() where holdsCPU[cpu] && isChosen(cpu) {
            holdsCPU[cpu] = false
            thread.release()
            isAny = true
        }
        if holdsWorkers, isAny || threads.vcpus.isEmpty {
            holdsWorkers = false
            for worker in threads.pausedWorkers { worker.release() }
        }
        threads.monitor.notify()
    }
}
