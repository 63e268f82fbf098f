import CLinux
import Testing

@testable import Linux

/// What is sent to the kernel to configure networks, and what comes back.
@Suite struct NetlinkMessageTests {
    private static let header = ifaddrmsg(
        ifa_family: 2, ifa_prefixlen: 24, ifa_flags: 128, ifa_scope: 0, ifa_index: 7)
    private static let message = NetlinkMessage(
        RTM_NEWADDR, header, NetlinkAttribute(1, [10, 0, 0, 1, 9]),
        NetlinkAttribute(2, NetlinkAttribute(3, text: "ab"), NetlinkAttribute(4, [])))

    @Test func bytes() {
        #expect(
            Self.message.bytes(flags: NLM_F_REQUEST | NLM_F_ACK) == [
                // Size, type, flags, number, sender.
                52, 0, 0, 0, 20, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                2, 24, 128, 0, 7, 0, 0, 0,
                9, 0, 1, 0, 10, 0, 0, 1, 9, 0, 0, 0,
                16, 0, 2, 0, 7, 0, 3, 0, 97, 98, 0, 0, 4, 0, 4, 0,
            ])
    }

    @Test func comesBack() throws {
        let bytes = Self.message.bytes(flags: 0)
        let messages = try NetlinkMessage.all(in: (bytes + bytes)[...])
        #expect(messages.count == 2)
        for message in messages {
            #expect(message.type == RTM_NEWADDR)
            #expect(message.header(ifaddrmsg.self)?.ifa_index == 7)
            #expect(message.attribute(1, after: ifaddrmsg.self) == [10, 0, 0, 1, 9])
            #expect(message.attribute(2, after: ifaddrmsg.self)?.count == 12)
            #expect(message.attribute(3, after: ifaddrmsg.self) == nil)
        }
    }

    @Test(arguments: [0, 15, 53, 255] as [UInt8])
    func refusesSizes(size: UInt8) {
        var bytes = Self.message.bytes(flags: 0)
        bytes[0] = size
        bytes[1] = 0
        #expect(throws: Errno(EPROTO)) { try NetlinkMessage.all(in: bytes[...]) }
    }

    @Test(arguments: [0, 3, 200] as [UInt8])
    func endsAtAttributesOfWrongSizes(size: UInt8) throws {
        var bytes = Self.message.bytes(flags: 0)
        bytes[24] = size
        let message = try #require(try NetlinkMessage.all(in: bytes[...]).first)
        #expect(message.attribute(1, after: ifaddrmsg.self) == nil)
        #expect(message.attribute(2, after: ifaddrmsg.self) == nil)
    }

    @Test func shortOnes() throws {
        #expect(try NetlinkMessage.all(in: [UInt8](repeating: 1, count: 15)[...]).isEmpty)
        let message = NetlinkMessage(RTM_NEWADDR, UInt32(0))
        #expect(message.header(ifaddrmsg.self) == nil)
        #expect(message.attribute(1, after: ifaddrmsg.self) == nil)
    }

    /// 127.0.0.1 is of no use to others.
    @Test func theLoopbackInterfaceHasNoAddressForOthers() throws {
        let index = try NetworkInterface(named: "lo").index()
        let addresses = try InterfaceAddresses(ofInterface: index)
        #expect(addresses.ipv4Gateway == nil && addresses.ipv6 == nil)
        #expect(try NetworkInterface(named: "lo").ethernetAddress() == nil)
    }
}
