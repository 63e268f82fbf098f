/// A queue's registers as the driver set them, unchecked.
struct QueueSetup {
    static let largestSize: UInt16 = 256

    var size = largestSize
    var isEnabled = false
    var descriptors: UInt64 = 0
    var available: UInt64 = 0
    var used: UInt64 = 0

    /// Sets the layout of a legacy queue that starts at `address` (virtio 0.9.5, 2.3).
    mutating func place(at address: UInt64) {
        let size = UInt64(Self.largestSize)
        let pageMask: UInt64 = 0xFFF
        descriptors = address
        available = address &+ 16 * size
        // The ring also has flags, index and the unused event field.
        used = (available &+ (6 + 2 * size) &+ pageMask) & ~pageMask
        isEnabled = address != 0
    }
}
