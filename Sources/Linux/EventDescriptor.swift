import CLinux

/// Something to wait for by its descriptor: readable from the first `signal` until `clear`.
///
/// The kernel can signal it as well, such as KVM when a guest rings a doorbell.
public struct EventDescriptor: ~Copyable, Sendable {
    private let file: FileDescriptor

    public init() throws(Errno) {
        file = try FileDescriptor(owning: checked(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))))
    }

    public var number: Int32 { file.number }

    public borrowing func signal() {
        // It can't be full, and has no other reason to fail. But a waiting thread would wait for ever
        // for one that an outer policy fails, so it is tried again.
        for _ in 0..<2 where eventfd_write(number, 1) == 0 { return }
    }

    /// Forgets the signals so far.
    ///
    /// - Returns: whether there were any.
    @discardableResult
    public borrowing func clear() -> Bool {
        var count: UInt64 = 0
        // The kernel fills in the count.
        return unsafe eventfd_read(number, &count) == 0
    }
}
