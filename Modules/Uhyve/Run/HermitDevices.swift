import Linux
import Tender
import Virtio

extension Buses {
    /// The devices of a Hermit guest.
    static func hermit(
        memory: GuestMemory, network: VirtioNetwork?
    ) throws(TenderError) -> Buses {
        try wrapping({ .failed("\($0)") }) { () throws(BusConflict) in
            var buses = Buses()
            if memory.start.value > 0 {
                try buses.memory.claim(
                    0...min(FirmwareArea.end, memory.start.value) - 1, for: FirmwareArea())
            }
            try network?.claim(in: &buses)
            return buses
        }
    }
}

/// Where a PC has firmware, for whose tables kernels look if their memory starts above: zeros.
final class FirmwareArea: BusDevice {
    static let end: UInt64 = 1 << 20

    func read(at offset: UInt64, width: UInt8) -> UInt64 { 0 }
    func write(_ value: UInt64, at offset: UInt64, width: UInt8) {}
}

extension PCIPlacement {
    /// Where Hermit's kernels expect the network card: device 0, line 11, and BAR 0 below what
    /// interrupt controllers take up, or at ports that no hypercall has.
    static func networkCard(_ transport: VirtioTransport) -> PCIPlacement {
        PCIPlacement(
            slot: 0, interruptLine: 11, base: transport == .modern ? 0xFE00_0000 : 0xC000)
    }
}
