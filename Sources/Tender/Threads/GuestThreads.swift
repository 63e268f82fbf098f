import Linux

/// The threads of one guest: those of its vCPUs, and workers. They are all there before the launch
/// gives up what it will not need, and none does anything for the guest before `release`.
///
/// The only vCPU of a guest may run on the main thread instead.
public final class GuestThreads: @unchecked Sendable {
    /// In the order of the vCPUs' numbers.
    public private(set) var vcpus: [GuestThread] = []
    private var workers: [(thread: GuestThread, work: Worker)] = []
    /// Workers that stand still with the guest.
    var pausedWorkers: [GuestThread] = []
    /// Those that were started and end with the guest.
    private var ends: [GuestThread] = []
    private let meeting: Meeting
    /// Passed by all threads once they are ready, and again when they are released.
    private var barrier: Barrier?
    /// How many have ended. Guarded by the monitor.
    private var endCount = 0

    /// How long to wait for threads to end, in nanoseconds: one may be waiting in a system call.
    private static let patience: UInt64 = 100_000_000

    public init(_ ending: Ending = Ending()) {
        meeting = Meeting(ending)
    }

    public var ending: Ending { meeting.ending }
    var monitor: Monitor { meeting.monitor }

    // MARK: Before they start

    /// - Parameters:
    ///   - wait: what the vCPU's thread waits by in hypercalls.
    ///   - callNumbers: of the hypercalls that are counted.
    ///   - requestExit: makes the vCPU's next run end, or one that a signal interrupts; called by any
    ///     thread, and by handlers of signals.
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

    /// A way for one party to have the guest stand still. To be made when all vCPUs and workers were
    /// added, and before they start.
    ///
    /// - Parameter tell: called by any thread of the guest when it stands still, begins to serve a
    ///   hypercall or ends. It must not come back here.
    public func makeHold(tell: @escaping () -> Void = {}) -> Hold {
        meeting.listeners.append(tell)
        for thread in vcpus + pausedWorkers { thread.canBeHeld = true }
        return Hold(self)
    }

    /// Whether the guest needs more than a thread that runs its vCPU.
    public var areNeeded: Bool {
        !workers.isEmpty || vcpus.contains { $0.canBeHeld }
    }

    // MARK: Life

    /// Starts the threads, and returns when all have done what they do to start. They wait for
    /// `release`.
    ///
    /// - Parameters:
    ///   - heap: how much of the heap to have at hand, besides what workers need, in bytes.
    ///   - run: the whole life of a vCPU; nil if the calling thread runs the only one.
    public func start(
        reserving heap: Int = 0, _ run: (@Sendable (_ cpu: Int) -> Void)? = nil
    ) throws(TenderError) {
        let count = workers.count + (run == nil ? 0 : vcpus.count)
        try wrapping({ .failed("Could not handle a signal: \($0)") }) { () throws(Errno) in
            try Thread.prepareInterruptions()
        }
        if run == nil { vcpus.first?.adopt() }
        guard count > 0 else { return }
        let needed = workers.reduce(heap) { $0 + $1.work.heap }
        try wrapping({ .failed("Could not reserve memory: \($0) (\(Heap.limits))") }) {
            () throws(Errno) in
            // Threads started from now on share the heap.
            try Heap.settle(reserving: needed)
        }
        let barrier = Barrier(count: UInt32(count + 1))
        self.barrier = barrier
        ends = pausedWorkers
        for (thread, worker) in workers { try start(thread, barrier) { worker.body(thread) } }
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
            .failed("Could not start the thread of \(thread.name): \(Thread.obstacle($0))")
        }) { () throws(Errno) in
            // It is never joined: it may be waiting for something that never comes, and ends with the
            // process.
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

    /// Lets all threads begin.
    public func release() { barrier?.wait() }

    private func finish(_ thread: GuestThread) {
        if !thread.standsApart { monitor.withLock { endCount += 1 } }
        thread.finish()
    }

    // MARK: The end

    /// Ends the guest, from any thread: the first outcome decides. Its threads learn of it, wherever
    /// they are.
    ///
    /// - Returns: whether there is a thread that does what is left to do. If all serve hypercalls, that
    ///   may take for ever.
    @discardableResult
    public func end(_ outcome: Ending.Outcome) -> Bool {
        ending.report(outcome)
        wake(vcpus + pausedWorkers)
        return ending.eventNumber >= 0 || vcpus.contains { !$0.isOutside }
    }

    /// Stops all threads but those that stand apart, and waits for them, but not long. Called by the
    /// main thread.
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
