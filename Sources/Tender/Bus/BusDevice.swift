/// A device whose registers the guest reads and writes, in a range of I/O ports or of memory.
///
/// Called on the vCPUs' threads, at any time and concurrently.
public protocol BusDevice: AnyObject, Sendable {
    /// - Parameters:
    ///   - offset: the offset from the start of the claimed range. An access that begins in the
    ///     range may end past it.
    ///   - width: the access width in bytes.
    /// - Returns: the value; the guest gets its low `width` bytes.
    func read(at offset: UInt64, width: UInt8) -> UInt64

    func write(_ value: UInt64, at offset: UInt64, width: UInt8)
}
