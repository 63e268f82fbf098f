import Linux

/// Lets one thread at a time use the devices: the vCPU's thread or the ring's worker. Before the worker is
/// woken for the first time, the vCPU's thread takes no lock.
final class DeviceLock {
    /// What the worker takes.
    let lock = Lock()
    /// Whether the worker may use the devices.
    private(set) var isShared = false

    /// To be called on the vCPU's thread, before it wakes the worker.
    func share() { isShared = true }

    /// For the vCPU's thread.
    @inline(__always)
    func withLock<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try lock.withLock(if: isShared, body)
    }
}
