import Tender
import Testing

@testable import Network

@Suite struct PasstOptionsTests {
    private func arguments(_ value: String) throws -> [String] {
        try PasstOptions(SubOptions(OptionValue(name: "net", device: "a", value: value))).arguments
    }

    private static let always = ["--quiet", "--one-off", "--mtu", "1500"]

    @Test func withoutAny() throws {
        #expect(try arguments("passt") == Self.always)
    }

    @Test(arguments: [
        "80", "8080:80", "1", "65535", "8000-8010", "8000-8010:80-90", "127.0.0.1/8080:80",
    ])
    func ports(_ value: String) throws {
        #expect(
            try arguments("passt,tcp=\(value),udp=\(value)")
                == Self.always + ["--tcp-ports", value, "--udp-ports", value])
    }

    @Test func severalOfOneKind() throws {
        #expect(
            try arguments("passt,tcp=80,tcp=443")
                == Self.always + ["--tcp-ports", "80", "--tcp-ports", "443"])
    }

    @Test func addresses() throws {
        #expect(
            try arguments("passt,address=10.0.2.15/24,gateway=10.0.2.2,mtu=9000")
                == [
                    "--quiet", "--one-off", "--mtu", "9000", "--address", "10.0.2.15", "--netmask",
                    "24", "--gateway", "10.0.2.2",
                ])
    }

    /// Each is refused by its name, before anything is started.
    @Test(arguments: [
        "tcp=abc", "tcp=", "tcp", "tcp=0", "tcp=65536", "tcp=-1", "tcp=80:", "tcp=:80", "tcp=80:0",
        "tcp=1:2:3", "tcp=9-8", "tcp=1-2:5", "tcp=80/80", "tcp=1.2.3/80", "tcp=1.2.3.4/5/6",
        "tcp=+80", "tcp= 80", "tcp=all", "udp=99999999999999999999", "address=10.0.2.15",
        "address=10.0.2.15/33", "address=10.0.2/24", "address=::1/64", "gateway=10.0.2.256",
        "gateway=", "mtu=67", "mtu=65521", "mtu=x",
    ])
    func malformed(_ part: String) throws {
        let error = #expect(throws: ModuleError.self) { try arguments("passt,tcp=1,\(part)") }
        let name = part.contains("=") ? part : "\(part)="
        #expect(
            error?.text
                == "Could not attach interface: passt,tcp=1,\(part): malformed sub-option: \(name)")
    }

    @Test(arguments: ["", "port=80", "Tcp=80", "--runas=0", "stderr"])
    func unknown(_ part: String) throws {
        let error = #expect(throws: ModuleError.self) { try arguments("passt,\(part)") }
        let name = part.split(separator: "=").first ?? ""
        #expect(error?.text.contains("'\(name)' is none of tcp=") == true)
    }

    @Test(arguments: ["passt", "passt,", "passt,tcp=80"])
    func isMeant(_ value: String) {
        #expect(Passt.isMeant(by: OptionValue(name: "net", value: value)))
    }

    @Test(arguments: ["passt0", "tap0", "@5", "unix:passt", ""])
    func isNotMeant(_ value: String) {
        #expect(!Passt.isMeant(by: OptionValue(name: "net", value: value)))
    }
}
