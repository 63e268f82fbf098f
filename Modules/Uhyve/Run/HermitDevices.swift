import Tender
import Virtio

extension Buses {
    /// The devices of a Hermit guest.
    static func hermit(
        memory: GuestMemory, network: VirtioNetwork?
    ) throws(TenderError) -> Buses {
        var buses = Buses()
        if memory.start.value > 0 {
            try buses.memory.claim(
                0...min(FirmwareArea.end, memory.start.value) - 1, for: FirmwareArea())
        }
        try network?.claim(in: &buses)
        return buses
    }
}

/// Zeros at the addresses of a PC's firmware, where kernels search for its tables; for guests whose
/// memory starts above them.
final class FirmwareArea: BusDevice {
    static let end: UInt64 = 1 << 20

    func read(at offset: UInt64, width: UInt8) -> UInt64 { 0 }
    func write(_ value: UInt64, at offset: UInt64, width: UInt8) {}
}

extension PCIPlacement {
    /// The network card as Hermit's kernels expect it: device 0, interrupt line 11. BAR 0 is below
    /// the interrupt controllers' memory or, for the legacy transport, at ports that no hypercall
    /// uses.
    static func networkCard(_ transport: VirtioTransport) -> PCIPlacement {
        PCIPlacement(
            slot: 0, interruptLine: 11, base: transport == .modern ? 0xFE00_0000 : 0xC000)
    }
}
