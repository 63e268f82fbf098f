import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What it takes more than one look at a Hermit guest to see.
@Suite("Hermit guests", .boots) struct HermitTests {
    @Test(
        "Memory is somewhere else each time", arguments: Flavour.built,
        ["boot-v1-dyn", "boot-v2", "boot-v3"])
    func randomAddresses(flavour: Flavour, guest: String) throws {
        var places: Set<Substring> = []
        for _ in 0..<5 {
            let outcome = try flavour.run("hermit/\(guest)")
            #expect(outcome.status == 0)
            places.formUnion(outcome.output.split(separator: "\n").filter { $0.hasPrefix("ram=") })
        }
        #expect(places.count > 1)
    }

    @Test(
        "SIGTERM ends it with status 1, SIGINT by itself, and nothing is left behind",
        arguments: Flavour.built, [SIGTERM, SIGINT])
    func signals(flavour: Flavour, number: Int32) throws {
        let directory = try TemporaryDirectory()
        for name in ["sleep", "spin"] {
            let child = try flavour.start(
                "hermit/hostile-v3", [name],
                options: ["--cpus=3", "--temporary-directory=\(directory.path)"])
            #expect(try child.waitForOutput("\(name == "spin" ? "spinning" : "sleeping")"))
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            #expect(names.count == 1)
            try child.send(signal: number)
            let outcome = try child.wait()
            #expect(outcome.status == (number == SIGTERM ? 1 : nil))
            #expect(outcome.signal == (number == SIGTERM ? nil : number))
            #expect(outcome.error == "pinnace: Exiting on signal \(number)\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
        }
    }

    @Test("Standard input that does not block is waited for", arguments: Flavour.built)
    func nonBlockingInput(flavour: Flavour) throws {
        for guest in ["hermit/stdin-v3", "hermit/stdin-v1-legacy"] {
            let (reader, writer) = try Descriptor.pipe()
            try reader.setBlocking(false)
            let child = try flavour.start(guest, input: .descriptor(reader.number))
            for word in ["one\n", "two\n"] {
                try writer.write(Array(word.utf8))
                #expect(try child.waitForOutput(word))
                usleep(20_000)
            }
            try child.send(signal: SIGTERM)
            let outcome = try child.wait()
            #expect(outcome.output.contains("one\ntwo\n") && outcome.status == 1, "\(outcome)")
        }
    }

    // The machine's own stays open only for a network card's interrupts.
    @Test("Descriptors: streams, vCPUs, events", arguments: Flavour.built)
    func descriptors(flavour: Flavour) throws {
        let child = try flavour.start("hermit/hostile-v3", ["sleep"], options: ["--cpus=2"])
        #expect(try child.waitForOutput("sleeping"))
        let machines = child.descriptors.values.filter { $0.hasPrefix("anon_inode:kvm") }
        #expect(machines.sorted() == ["kvm-vcpu:0", "kvm-vcpu:1"].map { "anon_inode:\($0)" })
        // For its symbols.
        #expect(child.descriptors.values.count { $0.hasSuffix("/hostile-v3") } == 1)
        try child.send(signal: SIGTERM)
        #expect(try child.wait().status == 1)
    }

    @Test(
        "An inherited tap, and the host learns the card's address", .usesTaps,
        .needs(Host.needsRoot), arguments: Flavour.built, ["entry3", "v3"])
    func inheritedTap(flavour: Flavour, guest: String) throws {
        let namespace = try Namespace()
        try namespace.run("ip link set dev tap0 mtu 1400")
        let tap = try namespace.openTap("tap0")
        let child = try namespace.start(
            flavour, "hermit/net-echo-\(guest)", ["10.0.0.2"],
            options: ["--net=@9", "--net-mac=02:00:00:00:00:09"], inherited: [9: tap.number])
        #expect(try child.waitForOutput("mac=02:00:00:00:00:09 link=1 mtu=1400\nserving"))
        #expect(try namespace.ping("10.0.0.2", options: "-M do -s 1372"))
        let neighbour = try namespace.run("ip neigh show 10.0.0.2 dev tap0")
        #expect(neighbour.contains("lladdr 02:00:00:00:00:09"))
    }

    @Test(
        "An interface that goes down, comes up again and is deleted", .usesTaps,
        arguments: Flavour.built, ["entry3", "v3"])
    func downAndUp(flavour: Flavour, guest: String) throws {
        let namespace = try Namespace()
        let child = try namespace.start(
            flavour, "hermit/net-echo-\(guest)", ["10.0.0.2"], options: ["--net=tap0"])
        #expect(try child.waitForOutput("serving"))
        for _ in 0..<3 {
            #expect(try namespace.ping("10.0.0.2"))
            try namespace.run("ip link set tap0 down; sleep 0.1; ip link set tap0 up")
        }
        #expect(try namespace.ping("10.0.0.2"))
        try namespace.run("ip link del tap0")
        try child.send(signal: SIGTERM)
        let outcome = try child.wait()
        #expect(outcome.status == 1)
        #expect(outcome.error == "pinnace: Exiting on signal 15\n")
    }
}
