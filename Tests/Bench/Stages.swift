extension Bench {
    /// Names of the tender's stages in their order (`Stage` in Sources/Tender).
    private static let stageNames = [
        "main", "devices attached", "machine created", "image loaded",
        "sandbox: all but the filter", "filter's rules added", "filter generated and installed",
        "first entry", "first hypercall", "guest halted",
    ]

    /// Where the time of a launch goes.
    func stages() throws {
        let program = Program(name: "stages", path: options.stages, prefix: ["--as", "solo5-hvt"])
        let command = guest("bench-halt", under: program, ["--mem=512"])
        let launches = try alternate([command], runs: options.runs)[0].map {
            [$0.started] + (try moments(in: $0.output)) + [$0.gone]
        }

        var table = Table(["", "since spawn", "step"])
        for (index, name) in (Self.stageNames + ["process gone"]).enumerated() {
            let sinceSpawn = Samples(values: launches.map { microseconds($0[0], $0[index + 1]) })
            let step = Samples(values: launches.map { microseconds($0[index], $0[index + 1]) })
            table.add(name, [figure(sinceSpawn.median), figure(step.median)])
        }
        table.show()
    }

    /// The times in the line `stages 0=NANOSECONDS 1=…`, in the order of the stages.
    private func moments(in output: String) throws -> [UInt64] {
        let prefix = "stages "
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix(prefix) }) else {
            throw Failure(description: "no line of stages: is trait Stages built in?")
        }
        let moments = line.dropFirst(prefix.count).split(separator: " ").compactMap { word in
            word.split(separator: "=").last.flatMap { UInt64($0) }
        }
        // 0 is a stage that was not reached, which this guest does not cause.
        guard moments.count == Self.stageNames.count, !moments.contains(0) else {
            throw Failure(description: "not the expected stages: \(line)")
        }
        return moments
    }

    private func microseconds(_ start: UInt64, _ end: UInt64) -> Double {
        Double(end - start) / 1000
    }
}
