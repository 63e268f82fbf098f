/// The virtio PCI transport. The two exclude each other: both use BAR 0, and drivers of the modern
/// one refuse a transitional device ID.
public enum VirtioTransport: Sendable {
    /// Virtio 1.x (4.1): memory-mapped registers, at offsets in PCI capabilities.
    case modern
    /// Virtio 0.9.5: registers at I/O ports.
    case legacy
}

/// A device's position on the guest's PCI bus, as the platform decides.
public struct PCIPlacement: Sendable {
    /// The device number on bus 0; its only function is 0.
    let slot: UInt8
    /// The interrupt line that INTA# is wired to.
    let interruptLine: UInt8
    /// The fixed address of BAR 0: a memory address for the modern transport, a port for the legacy
    /// one; a multiple of its size.
    let base: UInt64

    public init(slot: UInt8, interruptLine: UInt8, base: UInt64) {
        self.slot = slot
        self.interruptLine = interruptLine
        self.base = base
    }
}
