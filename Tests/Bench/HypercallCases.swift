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
        return ["read", "write", "ring-read", "ring-write"].map { direction in
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
