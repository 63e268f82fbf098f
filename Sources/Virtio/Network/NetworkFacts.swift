/// The network device's configuration space (virtio 5.1.4). It never changes, so its generation is
/// always 0.
struct NetworkFacts {
    /// First byte first; 6 bytes.
    let mac: [UInt8]
    /// The MTU, in bytes.
    let mtu: UInt16

    /// The smallest valid MTU (virtio 5.1.4.1).
    private static let smallestMTU: UInt16 = 68
    private static let linkIsUp: UInt32 = 1
    private static let queuePairs: UInt32 = 1

    /// No checksum or segmentation offload, so that the device never parses frames.
    var features: UInt64 {
        Feature.mac | Feature.status | (mtu >= Self.smallestMTU ? Feature.mtu : 0)
    }

    /// The configuration as 32-bit registers: 6 bytes of MAC address, status, queue pairs, MTU.
    func word(_ index: Int) -> UInt32 {
        switch index {
        case 0: macByte(0) | macByte(1) << 8 | macByte(2) << 16 | macByte(3) << 24
        case 1: macByte(4) | macByte(5) << 8 | Self.linkIsUp << 16
        case 2: Self.queuePairs | UInt32(mtu) << 16
        default: 0
        }
    }

    private func macByte(_ index: Int) -> UInt32 {
        index < mac.count ? UInt32(mac[index]) : 0
    }
}
