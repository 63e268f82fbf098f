import Linux

/// The device's INTx interrupt and its interrupt status register (ISR; virtio 4.1.4.5).
///
/// It has its own lock, so that the guest's interrupt handler does not wait for frames.
final class InterruptLine: @unchecked Sendable {
    private let signal: @Sendable () -> Void
    /// Guards the following fields.
    private let lock = Lock()
    private var causes: UInt8 = 0
    private var isAllowed = true
    /// Whether the guest has read the status since its last EOI.
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

    /// Reads and clears the interrupt status.
    func acknowledge() -> UInt8 {
        lock.withLock {
            defer { causes = 0 }
            isRead = true
            return causes
        }
    }

    /// Handles the guest's end of interrupt (EOI). On a level-triggered line, as current kernels
    /// use, the interrupt controller ignores signals until the EOI, so that causes raised after the
    /// guest read the status are lost: signals again for these, except for guests that never read
    /// the status.
    func ended() {
        let isHeard = lock.withLock {
            defer { isRead = false }
            return isRead && isAllowed && causes != 0
        }
        if isHeard { signal() }
    }

    /// Whether an enabled interrupt is pending.
    var isPending: Bool {
        lock.withLock { isAllowed && causes != 0 }
    }

    /// Enables or disables the interrupt. Enabling it signals pending causes.
    func setAllowed(_ isAllowed: Bool) {
        let isHeard = lock.withLock {
            defer { self.isAllowed = isAllowed }
            return isAllowed && !self.isAllowed && causes != 0
        }
        if isHeard { signal() }
    }
}
