import CLinux

/// What precedes each frame of a tap with `IFF_VNET_HDR`: `struct virtio_net_hdr` (virtio 5.1.6), in
/// the processor's byte order.
struct VirtioHeader: Equatable {
    /// The kind of segments that a frame stands for (`VIRTIO_NET_HDR_GSO_`).
    enum Segmentation: Equatable {
        case none, tcpIPv4, tcpIPv6, unknown
    }

    var segmentation = Segmentation.none
    /// Whether the checksum's field has only the part of its pseudo-header (`NEEDS_CSUM`).
    var needsChecksum = false
    /// The size of the headers before the payload. A hint, which is not relied on.
    var headerSize: UInt16 = 0
    /// The payload of each segment but the last.
    var segmentSize: UInt16 = 0
    /// Where the checksum begins to count, from the start of the frame.
    var checksumStart: UInt16 = 0
    /// Where its field is, from there.
    var checksumOffset: UInt16 = 0

    /// In bytes, without the number of merged buffers that may follow (`TUNSETVNETHDRSZ`).
    static let size = 10

    // VIRTIO_NET_HDR_F_NEEDS_CSUM, VIRTIO_NET_HDR_GSO_TCPV4 and so on.
    private static let needsChecksumFlag: UInt8 = 1
    private static let tcpIPv4: UInt8 = 1
    private static let tcpIPv6: UInt8 = 4
    private static let congestionFlag: UInt8 = 0x80

    init() {}

    /// - Parameter bytes: at least as many as the header has.
    init(_ bytes: [UInt8]) {
        needsChecksum = bytes[0] & Self.needsChecksumFlag != 0
        segmentation =
            switch bytes[1] & ~Self.congestionFlag {
            case 0: .none
            case Self.tcpIPv4: .tcpIPv4
            case Self.tcpIPv6: .tcpIPv6
            default: .unknown
            }
        func word(_ offset: Int) -> UInt16 {
            UInt16(littleEndian: UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8)
        }
        headerSize = word(2)
        segmentSize = word(4)
        checksumStart = word(6)
        checksumOffset = word(8)
    }

    /// Stores it at the start of `bytes`, of which there are enough.
    func store(in bytes: inout [UInt8]) {
        bytes[0] = needsChecksum ? Self.needsChecksumFlag : 0
        bytes[1] =
            switch segmentation {
            case .none, .unknown: 0
            case .tcpIPv4: Self.tcpIPv4
            case .tcpIPv6: Self.tcpIPv6
            }
        func put(_ value: UInt16, _ offset: Int) {
            let word = value.littleEndian
            bytes[offset] = UInt8(truncatingIfNeeded: word)
            bytes[offset + 1] = UInt8(truncatingIfNeeded: word >> 8)
        }
        put(headerSize, 2)
        put(segmentSize, 4)
        put(checksumStart, 6)
        put(checksumOffset, 8)
    }
}
