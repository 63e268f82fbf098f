import CLinux

/// The frequency of the guest's TSC, which is the host's, as the hypervisor tells it.
///
/// It is compared with what the host's clock has measured since the machine was made: a guest with a
/// wrong frequency would have a wrong clock, which neither the guest nor the operator would notice.
struct MSHVCounter {
    /// In Hz.
    let frequency: UInt64
    let start: CounterMoment

    /// The shortest time to measure in, in nanoseconds.
    private static let shortest: UInt64 = 1_000_000

    /// - Returns: the frequency, if it is right to a percent.
    func checkedFrequency() throws(HypervisorError) -> UInt64 {
        var end = CounterMoment()
        while end.nanoseconds &- start.nanoseconds < Self.shortest {
            linux_relax()
            end = CounterMoment()
        }
        let time = end.nanoseconds &- start.nanoseconds
        let measured = Double(end.counter &- start.counter) * 1e9 / Double(time)
        guard abs(Double(frequency) - measured) <= measured / 100 else {
            throw HypervisorError(
                "MSHV: TSC frequency: the hypervisor says \(frequency) Hz, but the host's clock "
                    + "measures \(UInt64(measured)): the guest's clock would be wrong")
        }
        return frequency
    }
}

/// The host's TSC and clock, read at the same time.
struct CounterMoment {
    let counter: UInt64
    /// CLOCK_MONOTONIC.
    let nanoseconds: UInt64

    init() {
        var best: (spread: UInt64, counter: UInt64, nanoseconds: UInt64) = (.max, 0, 0)
        // Another thread may run in between; hardly each time.
        for _ in 0..<5 {
            var time = timespec()
            let before = linux_counter()
            unsafe clock_gettime(CLOCK_MONOTONIC, &time)
            let spread = linux_counter() &- before
            if spread < best.spread {
                let nanoseconds = UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
                best = (spread, before &+ spread / 2, nanoseconds)
            }
        }
        (_, counter, nanoseconds) = best
    }
}
