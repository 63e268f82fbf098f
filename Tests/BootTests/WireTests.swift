import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Guests in the place of an interface, as a container has one: `--net:NAME=wire:IFACE`.
@Suite("In the place of an interface", .usesTaps, .needs(Host.needsRoot)) struct WireTests {
    /// The guest's side of a network of two, with an interface `eth0`.
    private let inside: Namespace
    /// The other side.
    private let outside: Namespace

    private static let mac = "02:00:00:00:00:07"

    init() throws {
        inside = try Namespace(taps: 0)
        outside = try Namespace(taps: 0)
        try outside.connect(to: inside, mac: Self.mac)
    }

    @Test(
        "It has the interface's MAC address, MTU and IP addresses, and others reach it",
        arguments: Flavour.built, ["", "--net-offload=off"])
    func works(flavour: Flavour, offload: String) throws {
        let guest = try inside.start(
            flavour, "net-echo", [],
            options: ["--net:service=wire:eth0", "--net-argument:service={address}"]
                + (offload.isEmpty ? [] : [offload]))
        #expect(
            try guest.waitForOutput("mac=\(Self.mac) mtu=1400\nserving"), "\(guest.errorSoFar)")
        #expect(try outside.ping("10.0.7.2", options: "-M do -s 1372"))
        let neighbour = try outside.run("ip neigh show 10.0.7.2 dev port")
        #expect(neighbour.contains("lladdr \(Self.mac)"))
    }

    @Test(
        "What the tender needed for it is gone when the guest runs", arguments: Flavour.built,
        ["net-echo", "hermit/net-echo-v3"])
    func leavesNothing(flavour: Flavour, guest: String) throws {
        let option = guest == "net-echo" ? "--net:service" : "--net"
        let child = try inside.start(
            flavour, guest, ["10.0.7.2"], options: ["\(option)=wire:eth0"])
        #expect(try child.waitForOutput("serving"), "\(child.errorSoFar)")
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
            #expect(child.status()[set] == "0000000000000000", "\(set)")
        }
        let kinds = child.descriptors.values
        #expect(kinds.count { $0 == "/dev/net/tun" } == 1)
        // The console and the other standard streams are pipes here.
        #expect(!kinds.contains { $0.hasPrefix("socket:") }, "\(kinds)")
    }

    @Test("TCP in both directions", arguments: Flavour.built)
    func carriesTCP(flavour: Flavour) throws {
        let guest = try inside.start(
            flavour, "http", ["count=1"],
            options: ["--net:service=wire:eth0", "--net-argument:service={address}"])
        #expect(try guest.waitForOutput("serving"), "\(guest.errorSoFar)")
        let script =
            "exec 3<>/dev/tcp/10.0.7.2/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"
        let answer = try outside.run("timeout 60 bash -c \(Shell.quoted(script))")
        #expect(answer.hasSuffix("Hello from a guest.\n"))
        #expect(try guest.wait().status == 0)
    }

    @Test("The next guest has it as well; a second one at a time has not", arguments: Flavour.built)
    func again(flavour: Flavour) throws {
        for _ in 0..<2 {
            let guest = try inside.start(
                flavour, "net-echo", ["10.0.7.2"], options: ["--net:service=wire:eth0"])
            #expect(try guest.waitForOutput("serving"))
            let other = try inside.start(
                flavour, "net-echo", ["10.0.7.2"], options: ["--net:service=wire:eth0"])
            let outcome = try other.wait()
            #expect(outcome.status == 1)
            #expect(outcome.error.hasSuffix("busy (another guest has its place)\n"))
            #expect(try outside.ping("10.0.7.2"))
            try guest.send(signal: SIGKILL)
            _ = try guest.wait()
        }
    }

    @Test("check leaves the interface as it is", arguments: Flavour.built)
    func check(flavour: Flavour) throws {
        let words = [
            flavour.path, "check", "--net:service=wire:eth0",
            "--net-argument:service={gateway}", Host.guest("net-echo"),
        ]
        let outcome = try Shell.run("exec \(inside.command(words))")
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
        // It is the host that answers.
        #expect(try outside.ping("10.0.7.2"))
        #expect(try !inside.run("ip link show").contains("tap-"))
    }

    @Test(
        "What can't be", arguments: Flavour.built,
        [
            ("wire:eth9", "No such file or directory (it must be an interface of this"),
            ("wire:", "No such file or directory"),
            ("wire:lo", "it is no Ethernet interface"),
            ("wire:unused", "Network is down (it must be up when the tender starts)"),
        ])
    func refused(flavour: Flavour, refused: (value: String, why: String)) throws {
        try inside.run("ip link set lo up; ip link add unused type veth peer name other")
        let guest = try inside.start(
            flavour, "net-echo", ["10.0.7.2"], options: ["--net:service=\(refused.value)"])
        let outcome = try guest.wait()
        #expect(outcome.status == 1)
        #expect(outcome.error.contains(refused.why), "\(outcome.error)")
    }

    @Test(
        "Without CAP_NET_ADMIN", .needs(Host.missing("setpriv")), arguments: Flavour.built)
    func withoutTheCapability(flavour: Flavour) throws {
        let words = [
            "setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", flavour.path, "run",
            "--net:service=wire:eth0", Host.guest("net-echo"), "10.0.7.2",
        ]
        let outcome = try Shell.run("exec \(inside.command(words))")
        #expect(outcome.status == 1)
        #expect(
            outcome.error.hasSuffix(
                "Operation not permitted (to make a tap and to wire it takes CAP_NET_ADMIN)\n"))
    }

    @Test(
        "Hermit: the same, with arguments for the kernel", arguments: Flavour.built,
        ["entry3", "v3"])
    func hermit(flavour: Flavour, guest: String) throws {
        let child = try inside.start(
            flavour, "hermit/net-echo-\(guest)", [],
            options: ["--net=wire:eth0", "--net-argument={address}"])
        #expect(
            try child.waitForOutput("mac=\(Self.mac) link=1 mtu=1400\nserving"),
            "\(child.errorSoFar)")
        #expect(try outside.ping("10.0.7.2"))
    }
}
