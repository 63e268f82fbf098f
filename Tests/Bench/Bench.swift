import Foundation

/// Measures the tender, and a peer with the same command line as `solo5-hvt` beside it.
///
/// Nothing is judged here: who reads the report knows the machine and what ran beside it.
@main
struct Bench {
    /// Tender first, then the peer if there is one; whatever is measured alternates between them.
    let programs: [Program]
    let options: Options
    let scratch: ScratchFolder

    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        do {
            guard arguments.first != "--help" else { return print(Options.usage) }
            if arguments.first == insideNetwork {
                let bench = try Bench(Options(arguments.dropFirst()))
                defer { bench.scratch.remove() }
                return try bench.insideNetwork()
            }
            let bench = try Bench(Options(arguments))
            let succeeded = bench.run()
            bench.scratch.remove()
            exit(succeeded ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
            exit(1)
        }
    }

    init(_ options: Options) throws {
        self.options = options
        scratch = try ScratchFolder()
        let tender = Program(name: "tender", path: options.tender, prefix: ["--as", "solo5-hvt"])
        programs = [tender] + (options.peer.map { [Program(name: "peer", path: $0)] } ?? [])
    }

    /// - Returns: whether all measurements worked, or had a reason not to be made.
    private func run() -> Bool {
        print(machineDescription())
        for program in programs { print("\(program.name): \(program.path)") }
        print("\(options.runs) runs of each launch, alternating; medians unless it says otherwise")

        var succeeded = true
        let sections: [(title: String, needsKVM: Bool, body: () throws -> Void)] = [
            ("Launch of a guest that halts at once (µs)", true, launch),
            ("--version (µs)", false, version),
            ("Stages of a launch (µs)", true, stages),
            ("Hypercall round trips", true, hypercalls),
            ("System calls per hypercall, besides KVM_RUN", true, systemCalls),
            ("Network", true, network),
            ("Memory of an idle guest with --mem=\(idleMemory) (kB)", true, memory),
            ("Loading an image of \(imageSize >> 20) MiB (µs)", false, imageLoading),
        ]
        for section in sections where options.only.map(section.title.hasPrefix) ?? true {
            print("\n\(section.title)\n")
            do {
                if section.needsKVM { try requireKVM() }
                try section.body()
            } catch let reason as Skipped {
                print("  skipped: \(reason)")
            } catch {
                print("  failed: \(error)")
                succeeded = false
            }
            // A report that goes through a pipe should still be seen to grow.
            fflush(nil)
        }
        return succeeded
    }

    /// The command that makes `program` run a guest.
    func guest(
        _ name: String, _ arguments: [String] = [], under program: Program, _ options: [String]
    ) -> Command {
        let image = "\(self.options.guests)/\(name).hvt"
        return program.command(options + ["--", image] + arguments)
    }
}

/// Why something cannot be measured on this machine.
struct Skipped: Error, CustomStringConvertible {
    let description: String
}

/// What went wrong.
struct Failure: Error, CustomStringConvertible {
    let description: String
}

private func requireKVM() throws {
    guard access("/dev/kvm", R_OK | W_OK) == 0 else {
        throw Skipped(description: "/dev/kvm: \(String(cString: strerror(errno)))")
    }
}

private func machineDescription() -> String {
    let processors = (try? kernelFile("/proc/cpuinfo")) ?? ""
    let model = processors.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = model?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    let kernel = try? kernelFile("/proc/sys/kernel/osrelease").trimmingCharacters(in: .newlines)
    let load = try? kernelFile("/proc/loadavg").prefix { $0 != " " }
    let count = ProcessInfo.processInfo.activeProcessorCount
    // Others who use the processors show in everything below.
    return """
        \(count) × \(name ?? "unknown processor"), Linux \(kernel ?? "unknown"), \
        load average \(load ?? "unknown")
        """
}
