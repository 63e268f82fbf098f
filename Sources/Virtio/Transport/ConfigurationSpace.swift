/// The PCI configuration space of the network device.
struct ConfigurationSpace {
    /// 256 bytes, as 32-bit registers.
    private var words = [UInt32](repeating: 0, count: 64)
    /// The mask of writable bits.
    private var writable = [UInt32](repeating: 0, count: 64)

    private static let virtioVendor: UInt32 = 0x1AF4
    private static let ethernetClass: UInt32 = 0x020000
    /// I/O space, memory space, bus master, interrupt disable.
    private static let commandBits: UInt32 = 0x0407
    private static let interruptsOff: UInt32 = 0x0400
    private static let hasCapabilities: UInt32 = 0x0010_0000
    private static let interruptPinA: UInt32 = 1

    init(_ transport: VirtioTransport, _ placement: PCIPlacement) {
        words[2] = Self.ethernetClass << 8
        words[15] = Self.interruptPinA << 8 | UInt32(placement.interruptLine)
        writable[1] = Self.commandBits
        writable[15] = 0xFF
        switch transport {
        case .modern: describeModern(placement.base)
        case .legacy: describeLegacy(placement.base)
        }
    }

    /// Virtio 1.x, with registers in a 64-bit prefetchable BAR.
    private mutating func describeModern(_ base: UInt64) {
        words[0] = 0x1041 << 16 | Self.virtioVendor
        // Memory space and bus master enabled, as firmware would leave it.
        words[1] = Self.hasCapabilities | 0x0006
        words[4] = UInt32(truncatingIfNeeded: base) | 0xC
        words[5] = UInt32(truncatingIfNeeded: base >> 32)
        words[11] = 0x1041 << 16 | Self.virtioVendor
        let size = ~(ModernLayout.size - 1)
        writable[4] = UInt32(truncatingIfNeeded: size)
        writable[5] = UInt32(truncatingIfNeeded: size >> 32)
        words[13] = ModernLayout.firstCapability
        for (index, word) in ModernLayout.capabilities {
            words[index] = word
        }
    }

    /// Virtio 0.9.5, 2.1: a transitional device ID, whose subsystem ID is the device type, with
    /// registers in an I/O BAR.
    private mutating func describeLegacy(_ base: UInt64) {
        words[0] = 0x1000 << 16 | Self.virtioVendor
        words[1] = 0x0005
        words[4] = UInt32(truncatingIfNeeded: base) | 1
        words[11] = 0x0001 << 16 | Self.virtioVendor
        writable[4] = ~UInt32(LegacyRegisters.size - 1)
    }

    func read(_ access: RegisterAccess) -> UInt64 {
        access.read { index in index < words.count ? words[index] : .max }
    }

    /// BARs can be sized, but not moved: the registers stay where they are.
    mutating func write(_ access: RegisterAccess, _ value: UInt64) {
        access.write(value) { index, bits, mask in
            guard index < words.count else { return }
            let changed = mask & writable[index]
            words[index] = words[index] & ~changed | bits & changed
        }
    }

    /// Whether the guest allows interrupts (command register, interrupt disable clear).
    var allowsInterrupts: Bool { words[1] & Self.interruptsOff == 0 }
}
