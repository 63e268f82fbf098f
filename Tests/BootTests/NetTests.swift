import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What happens to a guest when things happen to its network.
@Suite("Network", .usesTaps) struct NetTests {
    private let namespace: Namespace

    init() throws {
        namespace = try Namespace()
    }

    @Test("The host learns the guest's hardware address", arguments: Flavour.built)
    func hardwareAddress(flavour: Flavour) throws {
        let guest = try startEcho(flavour, ["--net-mac:service=02:00:00:00:be:ef"])
        #expect(try namespace.ping("10.0.0.2"))
        let neighbour = try namespace.run("ip neigh show 10.0.0.2 dev tap0")
        #expect(neighbour.contains("lladdr 02:00:00:00:be:ef"))
        try expectAlive(guest)
    }

    @Test("Guests that start at once get different random addresses", arguments: Flavour.built)
    func randomAddresses(flavour: Flavour) throws {
        var addresses: Set<Substring> = []
        for _ in 0..<5 {
            let guest = try startEcho(flavour)
            try expectAlive(guest)
            let output = try guest.wait().output
            addresses.insert(output.prefix(through: try #require(output.firstIndex(of: " "))))
        }
        #expect(addresses.count == 5)
    }

    @Test("An interface that goes down and comes up again", arguments: Flavour.built)
    func downAndUp(flavour: Flavour) throws {
        let guest = try startEcho(flavour)
        #expect(try namespace.ping("10.0.0.2"))
        for _ in 0..<3 {
            try namespace.run("ip link set tap0 down; sleep 0.1; ip link set tap0 up")
            #expect(try namespace.ping("10.0.0.2"))
        }
        try expectAlive(guest)
    }

    @Test("An interface that is deleted", arguments: Flavour.built)
    func deleted(flavour: Flavour) throws {
        let guest = try startEcho(flavour)
        #expect(try namespace.ping("10.0.0.2"))
        try namespace.run("ip link del tap0")
        // That wakes the tender, which then waits on, and does not spin.
        var samples = 0
        while samples < 5 {
            usleep(50_000)
            samples = try #require(guest.state, "the tender has ended") == "S" ? samples + 1 : 0
        }
        try expectAlive(guest)
    }

    @Test(
        "attack 09: an interface that comes and goes under a guest that never rests",
        arguments: Flavour.built, ["read", "write"])
    func turbulence(flavour: Flavour, direction: String) throws {
        let guest = try namespace.start(
            flavour, "bench-net", [direction, "count=1000000000000"],
            options: ["--net:service=tap0"])
        try guest.waitForVCPU()
        for _ in 0..<5 {
            try namespace.run("ip link set tap0 down; sleep 0.02; ip link set tap0 up")
        }
        try namespace.run("ip link del tap0; sleep 0.1")
        try expectAlive(guest)
    }

    private func startEcho(_ flavour: Flavour, _ options: [String] = []) throws -> ChildProcess {
        let guest = try namespace.start(
            flavour, "net-echo", ["10.0.0.2"], options: ["--net:service=tap0"] + options)
        #expect(try guest.waitForOutput("serving"))
        return guest
    }

    /// Nothing but our signal ends it.
    private func expectAlive(
        _ guest: ChildProcess, at location: SourceLocation = #_sourceLocation
    ) throws {
        try guest.send(signal: SIGTERM)
        let outcome = try guest.wait()
        #expect(outcome.status == 1, sourceLocation: location)
        #expect(outcome.error == "pinnace: Exiting on signal 15\n", sourceLocation: location)
    }
}

extension ChildProcess {
    /// One letter, as in ps(1); nil when it has ended.
    fileprivate var state: Character? {
        let line = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        let rest = line?.split(separator: ")").last?.dropFirst()
        return rest?.first == "Z" ? nil : rest?.first
    }
}
