import Foundation

/// The results of one measurement that was made many times.
struct Samples {
    let values: [Double]

    var minimum: Double { values.min() ?? .nan }

    var median: Double {
        guard !values.isEmpty else { return .nan }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The value that this part of them, from 0 to 1, is not above.
    func quantile(_ part: Double) -> Double {
        guard !values.isEmpty else { return .nan }
        let sorted = values.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }

    /// Each value divided by the one of `others` that was measured next to it.
    func ratios(to others: Samples) -> Samples {
        Samples(values: zip(values, others.values).map { $0 / $1 })
    }
}

/// Runs the commands one after another, again and again, so that whatever else the machine does
/// hits them all alike.
///
/// - Returns: for each command, its outcomes.
func alternate(_ commands: [Command], runs: Int) throws -> [[Child.Outcome]] {
    // File contents, and the kernel's own caches.
    for _ in 0..<max(2, runs / 20) {
        for command in commands { try run(command) }
    }
    var outcomes: [[Child.Outcome]] = commands.map { _ in [] }
    for _ in 0..<runs {
        for (index, command) in commands.enumerated() {
            outcomes[index].append(try run(command))
        }
    }
    return outcomes
}
