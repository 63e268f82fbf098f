import CLinux

/// A network interface of this network namespace.
public struct NetworkInterface: ~Copyable, Sendable {
    public let name: String
    private let socket: FileDescriptor

    /// - Throws: `ENAMETOOLONG`. Whether the interface exists shows when it is asked something.
    public init(named name: String) throws(Errno) {
        _ = try InterfaceRequest(name: name)
        socket = try FileDescriptor.interfaceSocket()
        self.name = name
    }

    /// Whether it is up, be it with or without a carrier.
    ///
    /// - Throws: `ENODEV` if there is no such interface.
    public borrowing func isUp() throws(Errno) -> Bool {
        let flags = try answer(LINUX_SIOCGIFFLAGS).flags
        return flags & Int32(IFF_UP | IFF_RUNNING) != 0
    }

    /// The largest payload of a frame, in bytes.
    public borrowing func mtu() throws(Errno) -> Int32 {
        try answer(LINUX_SIOCGIFMTU).mtu
    }

    /// The number that the kernel knows it by.
    public borrowing func index() throws(Errno) -> Int32 {
        try answer(LINUX_SIOCGIFINDEX).index
    }

    /// Its Ethernet address, first byte first; nil if it is another kind of interface.
    public borrowing func ethernetAddress() throws(Errno) -> [UInt8]? {
        let answer = try answer(LINUX_SIOCGIFHWADDR)
        guard answer.hardwareKind == ARPHRD_ETHER else { return nil }
        return (0..<6).map { UInt8(truncatingIfNeeded: answer.hardwareAddress >> ($0 * 8)) }
    }

    /// Makes it an interface with this MTU that is up.
    public borrowing func bringUp(mtu: Int32) throws(Errno) {
        var request = try InterfaceRequest(name: name)
        request.mtu = mtu
        try request.ask(LINUX_SIOCSIFMTU, socket.number)
        request = try answer(LINUX_SIOCGIFFLAGS)
        request.flags |= Int32(IFF_UP)
        try request.ask(LINUX_SIOCSIFFLAGS, socket.number)
    }

    /// Has all that arrives here leave by another interface. The host's own network stack sees none
    /// of it any more; and if the other one is deleted, it is lost.
    public borrowing func redirect(to other: borrowing NetworkInterface) throws(Errno) {
        try TrafficRedirection.redirect(from: index(), to: other.index())
    }

    /// Whether this is the interface that the tap `descriptor` is attached to, as opposed to one
    /// of the same name in another network namespace.
    public borrowing func isAttached(to descriptor: Int32) throws(Errno) -> Bool {
        var end = InterfaceRequest()
        try end.ask(LINUX_SIOCGIFHWADDR, descriptor)
        return try answer(LINUX_SIOCGIFHWADDR).hardwareAddress == end.hardwareAddress
    }

    /// Has the kernel hand over frames as they were on the wire, none merged beyond the MTU.
    public borrowing func stopMergingFrames() throws(Errno) {
        for setting in [UInt32(ETHTOOL_SGRO), UInt32(ETHTOOL_SGSO)] {
            var request = try InterfaceRequest(name: name)
            try request.ethtool(setting, value: 0, socket.number)
        }
    }

    private borrowing func answer(_ question: UInt) throws(Errno) -> InterfaceRequest {
        var request = try InterfaceRequest(name: name)
        try request.ask(question, socket.number)
        return request
    }
}
