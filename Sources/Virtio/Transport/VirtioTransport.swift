/// How a device shows its registers. The two exclude each other: both put them behind BAR 0, and
/// drivers of the modern one refuse the number of a transitional device.
public enum VirtioTransport: Sendable {
    /// Virtio 1.x (4.1): registers in memory, where PCI capabilities say.
    case modern
    /// Virtio 0.9.5: registers at I/O ports.
    case legacy
}

/// Where a guest finds a device on its PCI bus, as the platform decides.
public struct PCIPlacement: Sendable {
    /// The number of the device on bus 0; it has one function, 0.
    let slot: UInt8
    /// What its interrupt pin, INTA#, is wired to.
    let interruptLine: UInt8
    /// Where BAR 0 is and stays: a memory address for the modern transport, a port for the legacy
    /// one; a multiple of its size.
    let base: UInt64

    public init(slot: UInt8, interruptLine: UInt8, base: UInt64) {
        self.slot = slot
        self.interruptLine = interruptLine
        self.base = base
    }
}
