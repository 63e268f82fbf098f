import Linux
import Tender
import Testing

@testable import Network

/// Arguments for guests that take the place of an interface.
@Suite struct NetworkIdentityTests {
    private static let mac: [UInt8] = [0x02, 0x00, 0x5E, 0x0A, 0xB0, 0xFF]
    private static let all = NetworkIdentity(
        "eth0", mac: mac,
        InterfaceAddresses(
            ipv4: NetworkAddress([10, 88, 0, 2], prefix: 20), ipv4Gateway: [10, 88, 0, 1],
            ipv6: NetworkAddress(
                [0xFD, 0, 0, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34], prefix: 64),
            ipv6Gateway: [0xFE, 0x80] + [UInt8](repeating: 0, count: 13) + [1]))
    private static let none = NetworkIdentity("eth0", mac: mac, InterfaceAddresses())

    private func argument(_ template: String, _ identity: NetworkIdentity? = all) throws -> String {
        let option = OptionValue(name: "net-argument", device: "service", value: template)
        return String(decoding: try NetworkIdentity.argument(option, at: identity), as: UTF8.self)
    }

    @Test(arguments: [
        ("{mac}", "02:00:5e:0a:b0:ff"),
        ("--ipv4={ipv4}", "--ipv4=10.88.0.2/20"),
        ("-ip", "-ip"),
        ("", ""),
        ("{address}", "10.88.0.2"),
        ("{netmask}", "255.255.240.0"),
        ("{gateway}", "10.88.0.1"),
        ("<{ipv6}>", "<fd00:88:0:0:0:0:0:1234/64>"),
        ("{ipv6-gateway}", "fe80:0:0:0:0:0:0:1"),
        ("{address}{address}}é", "10.88.0.210.88.0.2}é"),
    ])
    func values(template: String, argument: String) throws {
        #expect(try self.argument(template) == argument)
    }

    @Test(
        arguments: [
            (0, "0.0.0.0"), (1, "128.0.0.0"), (8, "255.0.0.0"), (31, "255.255.255.254"),
            (32, "255.255.255.255"), (255, "255.255.255.255"),
        ] as [(UInt8, String)])
    func netmasks(prefix: UInt8, mask: String) throws {
        let identity = NetworkIdentity(
            "eth0", mac: Self.mac,
            InterfaceAddresses(ipv4: NetworkAddress([10, 0, 0, 2], prefix: prefix)))
        #expect(try argument("{netmask}", identity) == mask)
    }

    @Test(arguments: ["{", "{}", "{ipv4", "{IPv4}", "{ipv4 }", "a{{ipv4}}", "{ipv4}{x}"])
    func refuses(template: String) throws {
        let error = try #require(throws: ModuleError.self) { try argument(template) }
        #expect(
            error.text.hasSuffix(
                "is none of {mac}, {ipv4}, {address}, {netmask}, {gateway}, "
                    + "{ipv6}, {ipv6-gateway}"))
        #expect(error.option?.value == template)
    }

    @Test(arguments: ["ipv4", "address", "netmask", "gateway", "ipv6", "ipv6-gateway"])
    func lacks(name: String) throws {
        let error = try #require(throws: ModuleError.self) { try argument("{\(name)}", Self.none) }
        #expect(error.text.hasPrefix("eth0 has no "))
        #expect(try argument("{mac}", Self.none) == "02:00:5e:0a:b0:ff")
    }

    @Test func isNowhere() throws {
        let error = try #require(throws: ModuleError.self) { try argument("{mac}", nil) }
        #expect(error.hint == "attach the device by wire:IFACE")
    }
}
