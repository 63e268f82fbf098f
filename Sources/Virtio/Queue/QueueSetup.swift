/// A queue as the driver describes it, before it is used: all of it unchecked.
struct QueueSetup {
    static let largestSize: UInt16 = 256

    var size = largestSize
    var isEnabled = false
    var descriptors: UInt64 = 0
    var available: UInt64 = 0
    var used: UInt64 = 0

    /// Where the legacy interface puts the parts of a queue that starts at `address` (virtio
    /// 0.9.5, 2.3).
    mutating func place(at address: UInt64) {
        let size = UInt64(Self.largestSize)
        let pageMask: UInt64 = 0xFFF
        descriptors = address
        available = address &+ 16 * size
        // Flags, index, and the event that goes unused come with the ring.
        used = (available &+ (6 + 2 * size) &+ pageMask) & ~pageMask
        isEnabled = address != 0
    }
}
