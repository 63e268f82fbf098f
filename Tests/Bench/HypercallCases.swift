import Foundation

/// A hypercall to measure: a guest that makes it over and over.
struct HypercallCase {
    let name: String
    /// The command that makes the hypercall so many times.
    let command: (Program, _ count: Int) -> Command
}

extension Bench {
    func hypercallCases() throws -> [HypercallCase] {
        let plain = ["walltime", "puts-nothing", "puts-byte", "poll"].map {
            hypercall($0, "bench-hypercall", [$0])
        }
        let image = try scratch.file("block.img", Data(count: 1 << 20))
        let block = [512, 4096].flatMap { size in
            ["read", "write"].map {
                hypercall(
                    "block-\($0) \(size)", "bench-block", [$0, "size=\(size)"],
                    ["--block:storage=\(image)"])
            }
        }
        return plain + block
    }

    func networkCases() throws -> [HypercallCase] {
        let network = try PrivateNetwork()
        return ["read", "write"].map { direction in
            let inside = hypercall(
                "net-\(direction)", "bench-net", [direction],
                ["--net:service=\(PrivateNetwork.tap)"])
            return HypercallCase(name: inside.name) {
                inside.command($0, $1).through(network.starter)
            }
        }
    }

    private func hypercall(
        _ name: String, _ guestName: String, _ arguments: [String], _ options: [String] = []
    ) -> HypercallCase {
        HypercallCase(name: name) { program, count in
            guest(
                guestName, arguments + ["count=\(count)"], under: program, ["--mem=16"] + options)
        }
    }

    /// Does `body` with all cases; says why for those that cannot be had on this machine.
    func forEachHypercall(_ body: (HypercallCase) throws -> Void) throws -> Skipped? {
        try hypercallCases().forEach(body)
        do {
            try networkCases().forEach(body)
            return nil
        } catch let reason as Skipped {
            return reason
        }
    }
}

/// A tap in a network of its own, which is gone as soon as the process is: nothing to tidy up,
/// whatever happens, and nobody else's network to disturb.
struct PrivateNetwork {
    static let tap = "bench0"

    /// Executes the words after it inside a new network.
    let starter: Command

    init() throws {
        // Who is not root may be root of a user namespace.
        let rights = geteuid() == 0 ? [] : ["--map-root-user"]
        let script = """
            ip tuntap add dev "$0" mode tap && ip link set dev "$0" up && exec "$@"
            """
        starter = Command(words: ["unshare"] + rights + ["--net", "sh", "-c", script, Self.tap])
        do {
            try run(Command(words: ["true"]).through(starter))
        } catch {
            throw Skipped(description: "net: cannot make a tap: \(error)")
        }
    }
}
