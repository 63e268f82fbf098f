import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// A tap that the caller has opened: `--net:NAME=@N`.
@Suite("Inherited tap", .usesTaps, .needs(Host.needsRoot)) struct InheritedTapTests {
    @Test("It works, and the MTU is the interface's", arguments: Flavour.built)
    func works(flavour: Flavour) throws {
        let namespace = try Namespace()
        try namespace.run("ip link set dev tap0 mtu 1400")
        let tap = try namespace.openTap("tap0")
        let guest = try namespace.start(
            flavour, "net-echo", ["10.0.0.2"],
            options: ["--net:service=@9", "--net-mac:service=02:00:00:00:00:09"],
            inherited: [9: tap.number])
        #expect(try guest.waitForOutput("mac=02:00:00:00:00:09 mtu=1400\nserving"))
        #expect(try namespace.ping("10.0.0.2", options: "-M do -s 1372"))
    }

    @Test("The tender need not see the interface", arguments: Flavour.built)
    func elsewhere(flavour: Flavour) throws {
        let namespace = try Namespace(taps: 2)
        let left = try namespace.openTap("tap0")
        let right = try namespace.openTap("tap1")
        let guest = try ChildProcess(
            flavour.path,
            [
                "run", "--net:right=@8", "--net:left=@7", Host.guest("net-two"), "left=10.0.0.2",
                "right=10.0.1.2",
            ], inherited: [7: left.number, 8: right.number])
        #expect(try guest.waitForOutput("serving"))
        #expect(try namespace.ping("10.0.0.2"))
        #expect(try namespace.ping("10.0.1.2"))
    }

    @Test("One descriptor is one device's", arguments: Flavour.built)
    func twice(flavour: Flavour) throws {
        let namespace = try Namespace()
        let tap = try namespace.openTap("tap0")
        let outcome = try ChildProcess.run(
            flavour.path,
            ["run", "--net:right=@7", "--net:left=@7", Host.guest("net-two")],
            inherited: [7: tap.number])
        #expect(outcome.status == 1)
        #expect(outcome.error.contains("@7"))
        withExtendedLifetime(namespace) {}
    }
}
