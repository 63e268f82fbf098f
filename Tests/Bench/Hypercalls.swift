extension Bench {
    /// How long the guest waits for each hypercall, from its own clock.
    func hypercalls() throws {
        // The call alone, as fast as the guest can, and several times for a median.
        let (count, runs) = (10_000, 9)
        let columns = programs.flatMap { ["\($0.name) ns", "calls/s"] }
        var table = Table([""] + columns + (programs.count == 2 ? ["ratio"] : []))
        let skipped = try forEachHypercall { hypercall in
            let commands = programs.map { hypercall.command($0, count) }
            let medians = try alternate(commands, runs: runs).map {
                Samples(values: try $0.map { try nanoseconds(in: $0.output) }).median
            }
            var cells = medians.flatMap { [figure($0), figure(1_000_000_000 / $0)] }
            if medians.count == 2 { cells.append(figure(medians[0] / medians[1], digits: 2)) }
            table.add(hypercall.name, cells)
        }
        table.show()
        if let skipped { print("  skipped: \(skipped)") }
    }

    /// The number in the guest's line `NAME: NUMBER ns per call`.
    private func nanoseconds(in output: String) throws -> Double {
        let end = " ns per call"
        guard let line = output.split(separator: "\n").first(where: { $0.hasSuffix(end) }),
            let word = line.dropLast(end.count).split(separator: " ").last,
            let value = Double(word)
        else { throw Failure(description: "the guest printed no time: \(output)") }
        return value
    }
}
