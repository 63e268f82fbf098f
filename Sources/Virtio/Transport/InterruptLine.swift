import Linux

/// The device's INTx interrupt, and why it was raised: the interrupt status (virtio 4.1.4.5).
///
/// It has a lock of its own, so that the guest's interrupt handler does not wait for frames.
final class InterruptLine: @unchecked Sendable {
    private let signal: @Sendable () -> Void
    /// Guards what follows.
    private let lock = Lock()
    private var causes: UInt8 = 0
    private var isAllowed = true
    /// Whether the guest has read the causes since it last ended an interrupt.
    private var isRead = false

    init(_ signal: @escaping @Sendable () -> Void) {
        self.signal = signal
    }

    func raise(_ cause: UInt8) {
        let isHeard = lock.withLock {
            causes |= cause
            return isAllowed
        }
        if isHeard { signal() }
    }

    /// The causes so far, which are thereby dealt with.
    func acknowledge() -> UInt8 {
        lock.withLock {
            defer { causes = 0 }
            isRead = true
            return causes
        }
    }

    /// The guest has ended an interrupt. What came up after it read the causes is lost on a line that
    /// is level-triggered, as current kernels have it: until the end, the interrupt controller takes
    /// no further signal. So that is repeated, but not for guests that never read causes.
    func ended() {
        let isHeard = lock.withLock {
            defer { isRead = false }
            return isRead && isAllowed && causes != 0
        }
        if isHeard { signal() }
    }

    /// Whether there are causes that the guest wants to hear of and has not dealt with.
    var isPending: Bool {
        lock.withLock { isAllowed && causes != 0 }
    }

    /// Whether the guest wants interrupts at all. What came up meanwhile comes up when it does.
    func setAllowed(_ isAllowed: Bool) {
        let isHeard = lock.withLock {
            defer { self.isAllowed = isAllowed }
            return isAllowed && !self.isAllowed && causes != 0
        }
        if isHeard { signal() }
    }
}
