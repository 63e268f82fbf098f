import Linux

/// Lets one thread at a time use the devices, from when there is another than the vCPU's: the ring's
/// worker. Before that it takes no lock.
final class DeviceLock {
    /// What the other thread takes.
    let lock = Lock()
    /// Whether there may be another thread.
    private(set) var isShared = false

    /// To be called on the vCPU's thread, before the other one does anything.
    func share() { isShared = true }

    /// For the vCPU's thread.
    @inline(__always)
    func withLock<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try lock.withLock(if: isShared, body)
    }
}
