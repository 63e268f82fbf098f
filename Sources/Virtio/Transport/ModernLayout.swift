/// The register layout of the modern transport, and its PCI capabilities (virtio 4.1.4).
enum ModernLayout {
    static let common = 0x88..<0xC8
    static let interruptStatus = 0xC8
    static let notification = 0xD0..<0xD8
    static let device = 0xD8..<0xF0
    /// The distance between queues' notification registers (notify_off_multiplier).
    static let notificationStride = 4
    /// The distance at which the registers repeat throughout the BAR.
    static let period: UInt64 = 0x100
    /// The size of the BAR, in bytes.
    static let size: UInt64 = 2 << 20

    static let firstCapability: UInt32 = 0x40

    /// Words of the configuration space, by index: four capabilities of four words, the third with
    /// another one for the multiplier, and a gap (virtio 4.1.4).
    static var capabilities: [(index: Int, word: UInt32)] {
        capability(at: 0x40, next: 0x50, size: 16, type: 1, common)
            + capability(
                at: 0x50, next: 0x60, size: 16, type: 3, interruptStatus..<interruptStatus + 1)
            + capability(at: 0x60, next: 0x78, size: 20, type: 2, notification)
            + [(0x70 / 4, UInt32(notificationStride))]
            + capability(at: 0x78, next: 0, size: 16, type: 4, device)
    }

    private static func capability(
        at offset: Int, next: UInt32, size: UInt32, type: UInt32, _ registers: Range<Int>
    ) -> [(index: Int, word: UInt32)] {
        let vendorSpecific: UInt32 = 0x09
        let index = offset / 4
        return [
            (index, vendorSpecific | next << 8 | size << 16 | type << 24),
            // BAR 0.
            (index + 1, 0),
            (index + 2, UInt32(registers.lowerBound)),
            (index + 3, UInt32(registers.count)),
        ]
    }
}
