import Linux

/// The threads of one guest: its vCPUs' and workers'. All are started before the launch enters the
/// sandbox, and none works for the guest before `release`.
///
/// A guest's only vCPU may run on the main thread instead.
public final class GuestThreads: @unchecked Sendable {
    /// In the order of the vCPUs' numbers.
    public private(set) var vcpus: [GuestThread] = []
    private var workers: [(thread: GuestThread, work: Worker)] = []
    /// Workers that pause with the guest.
    var pausedWorkers: [GuestThread] = []
    /// Started threads that end with the guest.
    private var ends: [GuestThread] = []
    private let meeting: Meeting
    /// Passed by all threads when they are ready, and again when they are released.
    private var barrier: Barrier?
    /// The number of threads that have ended. Guarded by the monitor.
    private var endCount = 0

    /// The time to wait for threads to end, in nanoseconds: one may be blocked in a system call.
    private static let patience: UInt64 = 100_000_000

    public init(_ ending: Ending = Ending()) {
        meeting = Meeting(ending)
    }

    public var ending: Ending { meeting.ending }
    var monitor: Monitor { meeting.monitor }

    // MARK: Before they start

    /// - Parameters:
    ///   - wait: the interruptible wait that the vCPU's hypercalls use.
    ///   - callNumbers: the numbers of the hypercalls to count.
    ///   - requestExit: makes the vCPU's current or next run return (`immediate_exit`); called by
    ///     any thread and by signal handlers.
    @discardableResult
    public func addVCPU(
        wait: InterruptibleWait = InterruptibleWait(), callNumbers: [Int32] = [],
        requestExit: @escaping @Sendable () -> Void
    ) -> GuestThread {
        let thread = GuestThread(
            "vCPU \(vcpus.count)", meeting, wait, callNumbers: callNumbers,
            requestExit: requestExit)
        vcpus.append(thread)
        return thread
    }

    public func add(_ worker: Worker) {
        let thread = GuestThread(
            worker.name, meeting, InterruptibleWait(), standsApart: worker.commands)
        workers.append((thread, worker))
        if !worker.commands { pausedWorkers.append(thread) }
    }

    /// A hold by which one observer pauses the guest. Call it after all vCPUs and workers were
    /// added, and before they start.
    ///
    /// - Parameter tell: called by any guest thread when it pauses, begins to serve a hypercall, or
    ///   ends. It must not call back into this object.
    public func makeHold(tell: @escaping () -> Void = {}) -> Hold {
        meeting.listeners.append(tell)
        for thread in vcpus + pausedWorkers { thread.canBeHeld = true }
        return Hold(self)
    }

    /// Whether the guest needs more than the thread of its vCPU.
    public var areNeeded: Bool {
        !workers.isEmpty || vcpus.contains { $0.canBeHeld }
    }

    // MARK: Life

    /// Starts the threads, and returns when all are ready. They wait for `release`.
    ///
    /// - Parameters:
    ///   - heap: the heap to reserve, besides the workers' needs, in bytes.
    ///   - run: a vCPU's whole run; nil if the calling thread runs the only vCPU.
    public func start(
        reserving heap: Int = 0, _ run: (@Sendable (_ cpu: Int) -> Void)? = nil
    ) throws(TenderError) {
        let count = workers.count + (run == nil ? 0 : vcpus.count)
        try wrapping({ TenderError.failed("Could not handle a signal: \($0)") }) {
            () throws(Errno) in
            try Thread.prepareInterruptions()
        }
        if run == nil { vcpus.first?.adopt() }
        guard count > 0 else { return }
        let needed = workers.reduce(heap) { $0 + $1.work.heap }
        try wrapping({ TenderError.failed("Could not reserve memory: \($0) (\(Heap.limits))") }) {
            () throws(Errno) in
            // Threads share the heap from now on.
            try Heap.settle(reserving: needed)
        }
        var barrier = Barrier(count: UInt32(count + 1))
        for (index, (thread, worker)) in workers.enumerated() {
            do throws(TenderError) {
                try start(thread, barrier) { worker.body(thread) }
            } catch {
                // Those before it wait at the barrier for as many as were to be.
                guard index == 0, let whenMissing = worker.whenMissing else { throw error }
                whenMissing()
                pausedWorkers.removeAll { $0 === thread }
                barrier = Barrier(count: UInt32(count))
            }
        }
        self.barrier = barrier
        ends = pausedWorkers
        if let run {
            ends += vcpus
            for (cpu, thread) in vcpus.enumerated() { try start(thread, barrier) { run(cpu) } }
        }
        barrier.wait()
    }

    private func start(
        _ thread: GuestThread, _ barrier: Barrier, _ body: @escaping @Sendable () -> Void
    ) throws(TenderError) {
        try wrapping({
            TenderError.failed(
                "Could not start the thread of \(thread.name): \(Thread.obstacle($0))")
        }) { () throws(Errno) in
            // Never joined: it may be blocked in a system call for ever, and ends with the process.
            _ = try Thread.start {
                thread.adopt()
                barrier.wait()
                barrier.wait()
                body()
                self.finish(thread)
                Thread.park()
            }
        }
    }

    /// Releases all threads.
    public func release() { barrier?.wait() }

    private func finish(_ thread: GuestThread) {
        if !thread.standsApart { monitor.withLock { endCount += 1 } }
        thread.finish()
    }

    // MARK: The end

    /// Ends the guest, from any thread: the first outcome decides. Interrupts all its threads.
    ///
    /// - Returns: whether a thread is left to clean up; if all serve hypercalls, these may never
    ///   end.
    @discardableResult
    public func end(_ outcome: Ending.Outcome) -> Bool {
        ending.report(outcome)
        wake(vcpus + pausedWorkers)
        return ending.eventNumber >= 0 || vcpus.contains { !$0.isOutside }
    }

    /// Stops all threads except exempt ones (`standsApart`), and waits for them for `patience`.
    /// Called by the main thread.
    public func stop() {
        ending.close()
        wake(ends)
        guard !ends.isEmpty else { return }
        let deadline = Deadline(after: Self.patience)
        monitor.withLock {
            _ = monitor.wait(upTo: deadline) { endCount >= ends.count }
        }
    }

    private func wake(_ threads: [GuestThread]) {
        monitor.withLock { monitor.notify() }
        for thread in threads { thread.interrupt() }
    }
}
