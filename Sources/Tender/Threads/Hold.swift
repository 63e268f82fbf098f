import Linux

/// One party's way to have a guest stand still: a debugger's, or that of a core file.
///
/// Each party has one of its own. A vCPU runs only if no party holds it, and workers only if no party
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

    /// Has all threads come to stand still, and does not wait for that. To be called by any thread
    /// that runs no vCPU.
    public func pause() {
        threads.monitor.withLock { holdAll() }
    }

    /// The same for a vCPU's own thread, which stands still at once.
    ///
    /// - Returns: whether it may run on; false if the guest has come to its end.
    public func stand(cpu: Int) -> Bool {
        threads.monitor.withLock {
            let done = threads.vcpus[cpu].markStanding()
            holdAll()
            done()
            return threads.vcpus[cpu].standInside()
        }
    }

    /// Does `body` on a vCPU's own thread while all threads stand still, and lets them run on; does
    /// not if the guest comes to its end meanwhile.
    public func whileStill(cpu: Int, _ body: () -> Void) {
        let done = threads.monitor.withLock {
            let done = threads.vcpus[cpu].markStanding()
            holdAll()
            threads.monitor.wait { isStillInside || threads.ending.isOver }
            return done
        }
        if !threads.ending.isOver { body() }
        threads.monitor.withLock {
            releaseInside { _ in true }
            done()
        }
    }

    /// Waits until all threads stand still.
    ///
    /// - Returns: false if the guest has come to its end instead.
    public func waitUntilStill() -> Bool {
        threads.monitor.withLock {
            threads.monitor.wait { isStillInside || threads.ending.isOver }
            return !threads.ending.isOver
        }
    }

    /// Whether this party holds all threads, and all stand still, or do so before they go on.
    public var isStill: Bool { threads.monitor.withLock { isStillInside } }

    /// Lets vCPUs run on, and workers.
    ///
    /// - Parameter isChosen: whether to let this vCPU run.
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
        // Those that are elsewhere look before they go on.
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
