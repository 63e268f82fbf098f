extension Bench {
    /// Whole life of a process that boots a guest which ends at once: from its start to its being
    /// gone, the kernel's tidying up included.
    func launch() throws {
        var table = comparisonTable()
        for size in [16, 512, 4096] {
            let commands = programs.map { guest("bench-halt", under: $0, ["--mem=\(size)"]) }
            let outcomes = try alternate(commands, runs: options.runs)
            compare(outcomes, of: programs.map(\.name), "--mem=\(size)", in: &table)
        }
        table.show()
    }

    /// Starting the tender to do next to nothing, against the same in C as most programs are:
    /// linked dynamically.
    func version() throws {
        let source = """
            #include <stdio.h>
            int main(void) { puts("version 1.0"); return 0; }
            """
        let file = try scratch.file("version.c", .init(source.utf8))
        let program = "\(scratch.path)/version"
        do {
            try run(Command(words: ["clang", "-O2", "-o", program, file]))
        } catch {
            throw Skipped(description: "no C program to compare with: \(error)")
        }
        let commands = [
            Command(words: [options.tender, "--version"]), Command(words: [program]),
        ]
        let outcomes = try alternate(commands, runs: options.runs)
        var table = comparisonTable()
        compare(outcomes, of: ["tender", "dynamic C"], "", in: &table)
        table.show()
    }

    private func comparisonTable() -> Table {
        Table(["", "wall", "minimum", "CPU", "minimum"])
    }

    /// Adds a line for each program and, if there are two, how the first compares.
    private func compare(
        _ outcomes: [[Child.Outcome]], of names: [String], _ label: String, in table: inout Table
    ) {
        let walls = outcomes.map { Samples(values: $0.map(\.wall)) }
        let cpus = outcomes.map { Samples(values: $0.map(\.cpu)) }
        func add(_ name: String, _ values: [Double], digits: Int = 0) {
            let label = label.isEmpty ? name : "\(label) \(name)"
            table.add(label, values.map { figure($0, digits: digits) })
        }
        for ((name, wall), cpu) in zip(zip(names, walls), cpus) {
            add(name, [wall.median, wall.minimum, cpu.median, cpu.minimum])
        }
        guard names.count == 2 else { return }
        let (wall, cpu) = ((walls[0], walls[1]), (cpus[0], cpus[1]))
        let ratios = [
            wall.0.median / wall.1.median, wall.0.minimum / wall.1.minimum,
            cpu.0.median / cpu.1.median, cpu.0.minimum / cpu.1.minimum,
        ]
        add("ratio", ratios, digits: 2)
        let pairs = [
            wall.0.ratios(to: wall.1).median, .nan, cpu.0.ratios(to: cpu.1).median, .nan,
        ]
        add("ratio, median of pairs", pairs, digits: 2)
    }
}
