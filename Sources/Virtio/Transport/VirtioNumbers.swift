// Constants of the virtio specification, 1.x unless noted.

/// Bits of the device status field (virtio 2.1).
enum DeviceStatus {
    static let acknowledge: UInt8 = 1
    static let driver: UInt8 = 2
    static let driverOK: UInt8 = 4
    static let featuresOK: UInt8 = 8
    static let needsReset: UInt8 = 0x40
    static let failed: UInt8 = 0x80
}

/// Feature bits, as masks (virtio 5.1.3 and 6).
enum Feature {
    static let mtu: UInt64 = 1 << 3
    static let mac: UInt64 = 1 << 5
    static let status: UInt64 = 1 << 16
    static let version1: UInt64 = 1 << 32
}

/// Bits of the interrupt status field (virtio 4.1.4.5).
enum InterruptCause {
    static let queue: UInt8 = 1
    static let configuration: UInt8 = 2
}

/// The queue indices of a network device (virtio 5.1.2), from the guest's view.
enum QueueIndex {
    static let receive = 0
    static let transmit = 1
    static let count = 2
}
