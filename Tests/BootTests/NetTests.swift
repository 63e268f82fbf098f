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

    @Test(
        "Segments that a guest sends one by one leave together, whatever it does then",
        arguments: Flavour.built, ["halt", "fault", "spin"])
    func queued(flavour: Flavour, then: String) throws {
        let count = 16
        // Where others have the CPU meanwhile, they leave in several parts.
        let isJoined = try (0..<5).contains { _ in
            let before = try sent()
            let guest = try namespace.start(
                flavour, "net-queue", ["count=\(count)", "push=1", "then=\(then)"],
                options: ["--net:service=tap0"])
            func payload() throws -> (frames: Int, size: Int) {
                let now = try sent()
                let frames = now.frames - before.frames
                return (frames, now.bytes - before.bytes - frames * 54)
            }
            if then == "spin" {
                for _ in 0..<1000 where try payload().size < count * 1460 { usleep(10_000) }
                try guest.send(signal: SIGTERM)
            }
            _ = try guest.wait()
            let (frames, size) = try payload()
            #expect(size == count * 1460)
            return frames < count
        }
        #expect(isJoined)
    }

    /// What the guest has sent, as the kernel counts it.
    private func sent() throws -> (frames: Int, bytes: Int) {
        let numbers = try namespace.run("awk '/tap0:/ { print $3, $2 }' /proc/net/dev")
            .split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(numbers.count == 2)
        return (numbers[0], numbers[1])
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
