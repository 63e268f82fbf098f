import CLinux

/// A timer that interrupts the thread that made it (timer_create), again and again, until it is
/// stopped. The thread must allow interruptions.
public struct ThreadTimer: Sendable {
    /// The kernel's number of the timer.
    public let number: Int32

    public init() throws(Errno) {
        var number: Int32 = 0
        // The kernel fills in the number.
        _ = try checked(unsafe linux_make_timer(&number))
        self.number = number
    }

    /// Starts it, or gives it another period. Any thread may do this.
    ///
    /// - Parameter period: in nanoseconds, more than 0.
    public func start(every period: UInt64) { set(period) }

    /// Any thread may do this. A signal that is on its way still comes.
    public func stop() { set(0) }

    private func set(_ period: UInt64) {
        var time = timespec(nanoseconds: period)
        // The kernel reads the time during the call.
        _ = unsafe linux_set_timer(number, &time)
    }
}
