import Foundation

/// How much memory the idle guest gets, in MiB.
let idleMemory = 512

extension Bench {
    /// What a guest that waits costs in memory, besides its own.
    func memory() throws {
        var table = Table([
            "", "private", "of it dirty", "shared", "proportional", "guest resident",
        ])
        for program in programs {
            let child = try Child(guest("idle", under: program, ["--mem=\(idleMemory)"]))
            defer { child.kill() }
            try waitUntilIdle(child)
            let mappings = try Smaps.mappings(of: child.processID)
            let memory = try Smaps.range(of: UInt64(idleMemory) << 20, in: mappings)
            let ours = mappings[..<memory.lowerBound] + mappings[memory.upperBound...]
            let own = ours.sum(\.privateClean) + ours.sum(\.privateDirty)
            let figures = [
                own, ours.sum(\.privateDirty), ours.sum(\.shared), ours.sum(\.proportional),
                mappings[memory].sum(\.resident),
            ]
            table.add(program.name, figures.map(String.init))
        }
        table.show()
        print("\n  Private and clean is what is mapped from files that no other process maps.")
    }

    private func waitUntilIdle(_ child: Child) throws {
        let deadline = monotonicTime() + 10_000_000_000
        while !child.printed.contains("idle\n") {
            guard monotonicTime() < deadline else {
                throw Failure(description: "the guest is not idle: \(child.printed)")
            }
            usleep(1000)
        }
    }
}

extension ArraySlice<Smaps.Mapping> {
    fileprivate func sum(_ size: KeyPath<Smaps.Mapping, Int>) -> Int {
        reduce(0) { $0 + $1[keyPath: size] }
    }
}
