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
        // Both words are inside: the header has as many bytes.
        let (fields, offset) = unsafe bytes.withUnsafeBytes { bytes in
            precondition(bytes.count >= Self.size)
            return unsafe (
                UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
            )
        }
        needsChecksum = UInt8(truncatingIfNeeded: fields) & Self.needsChecksumFlag != 0
        segmentation =
            switch UInt8(truncatingIfNeeded: fields >> 8) & ~Self.congestionFlag {
            case 0: .none
            case Self.tcpIPv4: .tcpIPv4
            case Self.tcpIPv6: .tcpIPv6
            default: .unknown
            }
        headerSize = UInt16(truncatingIfNeeded: fields >> 16)
        segmentSize = UInt16(truncatingIfNeeded: fields >> 32)
        checksumStart = UInt16(truncatingIfNeeded: fields >> 48)
        checksumOffset = offset
    }

    /// Stores it at the start of `bytes`, of which there are enough.
    func store(in bytes: inout [UInt8]) {
        let kind: UInt8 =
            switch segmentation {
            case .none, .unknown: 0
            case .tcpIPv4: Self.tcpIPv4
            case .tcpIPv6: Self.tcpIPv6
            }
        let flags = needsChecksum ? Self.needsChecksumFlag : 0
        let fields =
            UInt64(flags) | UInt64(kind) << 8 | UInt64(headerSize) << 16
            | UInt64(segmentSize) << 32 | UInt64(checksumStart) << 48
        let offset = checksumOffset.littleEndian
        unsafe bytes.withUnsafeMutableBytes { bytes in
            // As above.
            precondition(bytes.count >= Self.size)
            unsafe bytes.storeBytes(of: fields.littleEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: offset, toByteOffset: 8, as: UInt16.self)
        }
    }
}
