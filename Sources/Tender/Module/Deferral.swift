import Linux

/// What a module has put off to do it together with what may follow, such as frames to send.
///
/// It is done before the next hypercall that is not one of those that may follow, and when the guest
/// stops or ends. If the guest runs on instead, a timer interrupts the vCPU after a while (`period`).
///
/// All of this is for the vCPU's thread.
public final class Deferral {
    /// How long a guest that makes no hypercall has something put off, in nanoseconds: twice this time
    /// if the timer's signal comes just before the vCPU enters the guest, and so does not interrupt it.
    private static let period: UInt64 = 1_000_000

    /// The kernel's number of the timer, for the sandbox.
    public var timerNumber: Int32 { timer.number }
    private let timer: ThreadTimer
    /// The hypercalls that may follow: a bit for each.
    private let following: UInt32
    private let work: () -> Void
    private var isPending = false
    /// Whether the timer goes.
    private(set) var isTimed = false

    /// Made by the thread that the vCPU will run on.
    ///
    /// - Parameters:
    ///   - following: the numbers of hypercalls before which nothing need be done.
    ///   - work: does what was put off.
    public init(following: [Int32], _ work: @escaping () -> Void) throws(Errno) {
        timer = try ThreadTimer()
        try Thread.prepareInterruptions()
        Thread.allowInterruptions()
        self.following = following.reduce(0) { $0 | 1 << UInt32(clamping: $1) }
        self.work = work
    }

    /// Something was put off.
    @inline(__always)
    public func putOff() {
        isPending = true
        if !isTimed { startTimer() }
    }

    /// What was put off has been done by another way.
    @inline(__always)
    public func forget() { isPending = false }

    /// Does what was put off, if anything.
    @inline(__always)
    package func finish() {
        if isPending { workNow() }
    }

    /// To be called before hypercall `number` is served.
    @inline(__always)
    package func finish(before number: Int) {
        if isPending, following & 1 << number == 0 { workNow() }
    }

    /// To be called when the vCPU was interrupted.
    package func interrupted() {
        if isPending { return workNow() }
        // The guest does without: so the timer can, until the next time.
        guard isTimed else { return }
        timer.stop()
        isTimed = false
    }

    private func workNow() {
        isPending = false
        work()
    }

    private func startTimer() {
        timer.start(every: Self.period)
        isTimed = true
    }

    deinit { timer.stop() }
}
