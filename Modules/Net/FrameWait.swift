/// Whether the ring's worker waits a little for a frame where a read finds none.
///
/// A guest that reads in vain calls POLL, and comes back once there is a frame: an exit, and a thread
/// that sleeps and wakes up. Where frames come soon, as in an exchange of requests and answers, a
/// short wait is shorter than that. But the guest stands still meanwhile. So the worker waits only
/// while the guest does nothing else between reads, and the less the more often it was in vain.
struct FrameWait {
    /// How long the worker waits at most, in nanoseconds.
    static let limit: UInt64 = 30_000
    /// Within this time after a read in vain, a frame comes soon: with what POLL takes.
    private static let soon: UInt64 = 2 * limit
    private static let mostDoubt: UInt32 = 1 << 10

    /// How many frames have to come soon, one after the other, before the worker waits.
    private var doubt: UInt32 = 1
    private var soonFrames: UInt32 = 0
    /// When the guest has read in vain, if it has asked for nothing since.
    private var lastVain: UInt64?

    var isWorthwhile: Bool { soonFrames >= doubt }

    /// The guest has sent a frame, and so has not waited for one.
    mutating func sent() {
        guard lastVain != nil else { return }
        lastVain = nil
        soonFrames = 0
    }

    /// - Parameters:
    ///   - now: in nanoseconds; only looked at after a read in vain.
    ///   - hasWaited: whether the worker had to.
    mutating func found(at now: @autoclosure () -> UInt64, hasWaited: Bool) {
        if hasWaited { doubt = 1 }
        guard let last = lastVain else { return }
        lastVain = nil
        soonFrames = now() &- last <= Self.soon ? min(soonFrames + 1, Self.mostDoubt) : 0
    }

    mutating func foundNone(at now: UInt64, hasWaited: Bool) {
        if hasWaited {
            doubt = min(doubt * 2, Self.mostDoubt)
            soonFrames = 0
        }
        lastVain = now
    }
}
