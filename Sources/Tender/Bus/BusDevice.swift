/// A device whose registers the guest reads and writes, in a range of I/O ports or of memory.
///
/// vCPUs call it on threads of their own, at any time and several at once.
public protocol BusDevice: AnyObject, Sendable {
    /// - Parameters:
    ///   - offset: the distance from the start of the range that the device has claimed. An access
    ///     that begins in the range may end after it.
    ///   - width: the number of bytes, as the guest's instruction has it.
    /// - Returns: the value, of which the guest gets the lowest `width` bytes.
    func read(at offset: UInt64, width: UInt8) -> UInt64

    func write(_ value: UInt64, at offset: UInt64, width: UInt8)
}
