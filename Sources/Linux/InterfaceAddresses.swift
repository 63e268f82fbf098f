import CLinux

/// An IP address with the size of its network's prefix, in bits.
public struct NetworkAddress: Equatable, Sendable {
    /// 4 bytes, or 16; first byte first.
    public let bytes: [UInt8]
    public let prefix: UInt8

    public init(_ bytes: [UInt8], prefix: UInt8) {
        self.bytes = bytes
        self.prefix = prefix
    }
}

/// The IP addresses of a network interface, and the gateways that are reached by it.
public struct InterfaceAddresses: Equatable, Sendable {
    public var ipv4: NetworkAddress?
    public var ipv4Gateway: [UInt8]?
    public var ipv6: NetworkAddress?
    public var ipv6Gateway: [UInt8]?

    public init(
        ipv4: NetworkAddress? = nil, ipv4Gateway: [UInt8]? = nil, ipv6: NetworkAddress? = nil,
        ipv6Gateway: [UInt8]? = nil
    ) {
        self.ipv4 = ipv4
        self.ipv4Gateway = ipv4Gateway
        self.ipv6 = ipv6
        self.ipv6Gateway = ipv6Gateway
    }

    /// - Parameter index: the interface's.
    public init(ofInterface index: Int32) throws(Errno) {
        let netlink = try Netlink()
        ipv4 = try Self.address(AF_INET, index, netlink)
        ipv4Gateway = try Self.gateway(AF_INET, index, netlink)
        ipv6 = try Self.address(AF_INET6, index, netlink)
        ipv6Gateway = try Self.gateway(AF_INET6, index, netlink)
    }

    /// The first of the interface's addresses that others know it by.
    private static func address(
        _ family: Int32, _ index: Int32, _ netlink: borrowing Netlink
    ) throws(Errno) -> NetworkAddress? {
        var request = ifaddrmsg()
        request.ifa_family = UInt8(truncatingIfNeeded: family)
        let answers = try netlink.list(NetlinkMessage(RTM_GETADDR, request))
        return answers.lazy.compactMap { address($0, index) }.first
    }

    /// The gateway of the first default route by the interface.
    private static func gateway(
        _ family: Int32, _ index: Int32, _ netlink: borrowing Netlink
    ) throws(Errno) -> [UInt8]? {
        var request = rtmsg()
        request.rtm_family = UInt8(truncatingIfNeeded: family)
        let answers = try netlink.list(NetlinkMessage(RTM_GETROUTE, request))
        return answers.lazy.compactMap { gateway($0, index) }.first
    }

    /// The address that the message tells of, if it is such a one.
    private static func address(_ message: NetlinkMessage, _ index: Int32) -> NetworkAddress? {
        guard let header = message.header(ifaddrmsg.self),
            header.ifa_index == UInt32(bitPattern: index),
            // Not a temporary address of IPv6, nor one of this link alone.
            Int32(header.ifa_flags) & IFA_F_SECONDARY == 0,
            header.ifa_scope == UInt8(RT_SCOPE_UNIVERSE.rawValue),
            // With a peer at the other end, the first of these is the peer's.
            let bytes = message.attribute(IFA_LOCAL, after: ifaddrmsg.self)
                ?? message.attribute(IFA_ADDRESS, after: ifaddrmsg.self)
        else { return nil }
        return NetworkAddress(bytes, prefix: header.ifa_prefixlen)
    }

    /// The gateway, if the message tells of such a route.
    private static func gateway(_ message: NetlinkMessage, _ index: Int32) -> [UInt8]? {
        guard let header = message.header(rtmsg.self), header.rtm_dst_len == 0,
            header.rtm_table == UInt8(RT_TABLE_MAIN.rawValue),
            header.rtm_type == UInt8(RTN_UNICAST),
            message.attribute(Int(RTA_OIF.rawValue), after: rtmsg.self) == bytesOf(index)
        else { return nil }
        return message.attribute(Int(RTA_GATEWAY.rawValue), after: rtmsg.self)
    }
}
