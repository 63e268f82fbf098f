import CLinux
import Linux

/// An inherited descriptor's kind: a tap, or a socket or device used as one.
struct Carrier {
    let isTap: Bool
    /// The MTU, in bytes.
    let mtu: UInt16
    /// The size of a tap's virtio headers, in bytes; nil for a tap without them.
    let virtioHeader: Int?
    /// The reason why it can't exchange frames, if it can't.
    let obstacle: String?

    /// - Throws: `EBADFD` for a tap with no interface.
    init(_ inherited: InheritedDescriptor) throws(Errno) {
        do throws(Errno) {
            let tap = try TapStatus(of: inherited.number)
            isTap = true
            virtioHeader = tap.hasVirtioHeader ? Self.virtioHeader(inherited) : nil
            guard let interface = Self.interface(of: tap, inherited.number) else {
                mtu = NetworkBackend.standardMTU
                obstacle = Self.obstacle(tap)
                return
            }
            mtu = (try? interface.mtu()).map(UInt16.init(clamping:)) ?? NetworkBackend.standardMTU
            let prefixed = (try? interface.hasPacketInformation()) ?? false
            obstacle = Self.obstacle(tap) ?? (prefixed ? Self.packetInformation : nil)
        } catch {
            if error.code == EBADFD { throw error }
            isTap = false
            virtioHeader = nil
            mtu = NetworkBackend.standardMTU
            obstacle = try Self.obstacle(inherited)
        }
    }

    /// The tap's interface, if it is in this process's network namespace.
    private static func interface(of tap: TapStatus, _ descriptor: Int32) -> NetworkInterface? {
        guard let interface = try? NetworkInterface(named: tap.interface),
            (try? interface.isAttached(to: descriptor)) == true
        else { return nil }
        return interface
    }

    private static let packetInformation = "it was opened without IFF_NO_PI"

    private static func obstacle(_ tap: TapStatus) -> String? {
        if !tap.isEthernet { return "it carries IP packets (IFF_TUN), not frames (IFF_TAP)" }
        if tap.hasPacketInformation { return packetInformation }
        return nil
    }

    private static func virtioHeader(_ tap: InheritedDescriptor) -> Int {
        // The kernel allows no less. More, as of QEMU, is for features that the tap is not asked for.
        let size = try? TapStatus.virtioHeaderSize(of: tap.number)
        return max(size ?? 0, VirtioHeader.size)
    }

    private static func obstacle(_ inherited: InheritedDescriptor) throws(Errno) -> String? {
        guard inherited.isBidirectional else { return "it is not open for reading and writing" }
        switch try FileStatus(of: inherited.number).kind {
        case .regular, .blockDevice: return "it is a file, not a tap or a socket"
        case .socket where inherited.isStream: return "a stream socket does not keep frames apart"
        default: return nil
        }
    }
}
