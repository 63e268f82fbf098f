import CLinux

extension timespec {
    /// A length of time. Any number of nanoseconds fits.
    public init(nanoseconds: UInt64) {
        self.init(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }

    var nanoseconds: UInt64 {
        UInt64(clamping: tv_sec) &* 1_000_000_000 &+ UInt64(clamping: tv_nsec)
    }
}

/// The system's clocks, in nanoseconds.
public enum Clock {
    /// Since some moment in the past, without ever jumping (CLOCK_MONOTONIC).
    public static var monotonic: UInt64 { read(CLOCK_MONOTONIC) }
    /// Since the Unix epoch (CLOCK_REALTIME).
    public static var realTime: UInt64 { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        // clock_gettime fills in the struct that it is handed; these clocks always exist.
        unsafe clock_gettime(clock, &time)
        return time.nanoseconds
    }
}

/// A moment of the monotonic clock (CLOCK_MONOTONIC).
public struct Deadline: Sendable {
    /// Nanoseconds of that clock.
    let moment: UInt64

    /// - Parameter nanoseconds: from now. A moment beyond the end of time is the end of time.
    public init(after nanoseconds: UInt64) {
        let (sum, overflow) = Clock.monotonic.addingReportingOverflow(nanoseconds)
        moment = overflow ? .max : sum
    }

    /// In nanoseconds; 0 once it has passed.
    public var remaining: UInt64 {
        let now = Clock.monotonic
        return moment > now ? moment - now : 0
    }
}
