import CLinux

/// An open tap: the end of a network interface at which a program reads and writes frames.
public struct TapStatus: Sendable {
    /// The name that the interface has in its own network namespace.
    public let interface: String
    private let flags: Int32

    /// - Throws: `EBADFD` for a tap without an interface; most other errors mean that `descriptor`
    ///   is no tap at all.
    public init(of descriptor: Int32) throws(Errno) {
        var request = InterfaceRequest()
        try request.ask(LINUX_TUNGETIFF, descriptor)
        interface = request.name
        flags = request.flags
    }

    /// Whether it carries Ethernet frames rather than IP packets.
    public var isEthernet: Bool { flags & IFF_TAP != 0 }
    /// The size of the virtio header before each frame of the tap `descriptor`, in bytes.
    public static func virtioHeaderSize(of descriptor: Int32) throws(Errno) -> Int {
        var size: Int32 = 0
        // The kernel stores an int.
        _ = try checked(unsafe linux_ioctl(descriptor, LINUX_TUNGETVNETHDRSZ, &size))
        return Int(size)
    }

    /// Whether the kernel puts 4 bytes of its own before each frame. False does not mean much: the
    /// kernel sets the bit also for taps without a filter (`IFF_NOFILTER`).
    public var hasPacketInformation: Bool { flags & IFF_NO_PI == 0 }
    /// Whether a virtio header comes before each frame.
    public var hasVirtioHeader: Bool { flags & IFF_VNET_HDR != 0 }
}

extension NetworkInterface {
    /// Whether the kernel puts 4 bytes of its own before each frame of this tap.
    ///
    /// - Throws: among others, if /sys is not there to tell.
    public borrowing func hasPacketInformation() throws(Errno) -> Bool {
        let file = try FileDescriptor.open("/sys/class/net/\(name)/tun_flags", O_RDONLY)
        // Such as "0x1002" and a line feed.
        let text = try file.read(at: 0, count: 16).dropFirst(2).prefix { $0 != 0x0A }
        guard let flags = Int32(String(decoding: text, as: UTF8.self), radix: 16) else {
            throw Errno(EINVAL)
        }
        return flags & IFF_NO_PI == 0
    }
}

extension FileDescriptor {
    /// The device that taps are opened by.
    public static let tapDevice = "/dev/net/tun"

    /// Whether the kernel knows virtio headers, asked by this, an open `tapDevice`.
    public borrowing func knowsVirtioHeaders() -> Bool {
        var features: UInt32 = 0
        // The kernel stores an unsigned int.
        let result = unsafe linux_ioctl(number, LINUX_TUNGETFEATURES, &features)
        return result == 0 && features & UInt32(IFF_VNET_HDR) != 0
    }

    /// Makes this, an open `tapDevice`, the end of the tap interface `name`.
    ///
    /// - Parameter hasVirtioHeader: whether a virtio header comes before each frame.
    public borrowing func attachTap(
        _ name: String, hasVirtioHeader: Bool = false
    ) throws(Errno) {
        var request = try InterfaceRequest(name: name)
        request.flags = IFF_TAP | IFF_NO_PI | (hasVirtioHeader ? IFF_VNET_HDR : 0)
        try request.ask(LINUX_TUNSETIFF, number)
        guard request.name == name else { throw Errno(EINVAL) }
    }

    /// Sets the size of this tap's virtio headers, whatever its previous user arranged.
    public borrowing func setVirtioHeaderSize(_ size: Int) throws(Errno) {
        var size = Int32(clamping: size)
        // The kernel reads an int.
        _ = try checked(unsafe linux_ioctl(number, LINUX_TUNSETVNETHDRSZ, &size))
    }

    /// Has this, a tap with virtio headers, get TCP's super-frames, and frames that lack their
    /// checksums. Of UDP none: kernels 7.0 and 7.1 cut them wrongly.
    public borrowing func acceptOffloads() throws(Errno) {
        let offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN
        _ = try checked(linux_ioctl_value(number, LINUX_TUNSETOFFLOAD, UInt(offloads)))
    }

    /// Has this, a tap, get no frames that are too large or lack their checksums, whatever its
    /// previous user arranged.
    public borrowing func refuseOffloads() throws(Errno) {
        _ = try checked(linux_ioctl_value(number, LINUX_TUNSETOFFLOAD, 0))
    }
}
