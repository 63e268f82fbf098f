import Foundation

/// The network: bulk both ways and requests, with guest bench-tcp. It is measured by a second
/// process of the same program in a network namespace, once on one CPU and once on two.
extension Bench {
    /// The word that makes the program that second process.
    static let insideNetwork = "--inside-network"

    func network() throws {
        _ = try PrivateNetwork()
        let count = ProcessInfo.processInfo.activeProcessorCount
        for (list, title) in [("0", "one CPU"), ("0,1", "two CPUs")] {
            guard list == "0" || count > 1 else { continue }
            print("  on \(title) (taskset -c \(list)), tender, guest and client:\n")
            fflush(nil)
            let inner = Command(words: [options.program, Self.insideNetwork] + options.words)
            let starter = Command(
                words: ["taskset", "-c", list, "unshare"]
                    + (geteuid() == 0 ? [] : ["--map-root-user"]) + ["--net", "--"])
            print(try run(inner.through(starter)).output)
        }
        print(
            """
              Requests of 64 bytes, each after the last one's answer, on one connection, and on 16.
              CPU is that of the tender and the guest, in user space and in the kernel; "both" adds
              the client's. Where the machine emulates guest code, it counts here, too.
            """)
    }

    // MARK: Inside

    /// A way for frames to take.
    private struct Way {
        let name: String
        let program: Program
        let options: [String]
        let mode: String
    }

    private var ways: [Way] {
        let tender = programs[0]
        var ways = [
            ("hypercalls", ["--net-offload=off"]), ("ring", ["--net-offload=off"]),
            ("hypercalls, offload", []), ("ring, offload", []),
            ("ring, offload, no worker", ["--net-ring=sync"]),
        ].map { name, options in
            Way(
                name: name, program: tender, options: options,
                mode: name.hasPrefix("ring") ? "ring" : "hypercalls")
        }
        for peer in programs.dropFirst() {
            ways += ["hypercalls", "ring"].map {
                Way(name: "peer, \($0)", program: peer, options: [], mode: $0)
            }
        }
        return ways
    }

    private struct Measurement {
        let amount: NetworkLoad.Amount
        /// In microseconds: of the tender with its guest, and of all.
        let tender: Double
        let all: Double
    }

    private static let rounds = 3

    /// Measures all ways, alternating, and prints the tables.
    func insideNetwork() throws {
        let loads: [(title: String, body: () throws -> NetworkLoad.Amount)] = [
            ("bulk to the guest", NetworkLoad.upload),
            ("bulk from the guest", NetworkLoad.download),
            ("requests, one connection", { try NetworkLoad.requests(connections: 1) }),
            ("requests, 16 connections", { try NetworkLoad.requests(connections: 16) }),
        ]
        for (index, load) in loads.enumerated() {
            var results = ways.map { _ in [Measurement]() }
            var failures = ways.map { _ in String?.none }
            for _ in 0..<Self.rounds {
                for (place, way) in ways.enumerated() where failures[place] == nil {
                    do {
                        results[place].append(
                            try measure(way, connections: index == 3 ? 16 : 1, load.body))
                    } catch {
                        failures[place] = "\(error)"
                    }
                }
            }
            show(load.title, results, failures, isBulk: index < 2)
        }
    }

    private func measure(
        _ way: Way, connections: Int, _ body: () throws -> NetworkLoad.Amount
    ) throws -> Measurement {
        // Made anew: a tap keeps settings of the program that had it before.
        let tap = PrivateNetwork.tap
        for line in [
            "link del \(tap)", "tuntap add dev \(tap) mode tap", "addr add 10.99.0.1/24 dev \(tap)",
            "link set \(tap) up",
        ] {
            let words = ["ip"] + line.split(separator: " ").map(String.init)
            if line.hasPrefix("link del") {
                _ = try? run(Command(words: words))
            } else {
                try run(Command(words: words))
            }
        }
        let arguments = ["10.99.0.2", "mode=\(way.mode)", "count=\(connections)"]
        let child = try Child(
            guest(
                "bench-tcp", arguments, under: way.program,
                ["--mem=32", "--net:service=\(tap)"] + way.options))
        do {
            let deadline = monotonicTime() + 10_000_000_000
            while !child.printed.contains("serving\n") {
                guard monotonicTime() < deadline else {
                    throw Failure(description: "the guest does not serve: \(child.printed)")
                }
                usleep(1000)
            }
            let before = ownTime()
            let amount = try body()
            let own = ownTime() - before
            let outcome = try child.wait()
            return Measurement(amount: amount, tender: outcome.cpu, all: outcome.cpu + own)
        } catch {
            child.kill()
            throw error
        }
    }

    /// What this process has taken, in microseconds.
    private func ownTime() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF, &usage)
        let times = [usage.ru_utime, usage.ru_stime]
        return times.reduce(0) { $0 + Double($1.tv_sec) * 1_000_000 + Double($1.tv_usec) }
    }

    // MARK: Tables

    private func show(
        _ title: String, _ results: [[Measurement]], _ failures: [String?], isBulk: Bool
    ) {
        func rate(_ measurement: Measurement) -> Double {
            Double(measurement.amount.count) * 1_000_000_000 / Double(measurement.amount.time)
        }
        func median(_ place: Int, _ value: (Measurement) -> Double) -> Double {
            Samples(values: results[place].map(value)).median
        }
        let header =
            isBulk
            ? ["Mbit/s", "frames/s", "CPU ns/kB", "both ns/kB"]
            : ["requests/s", "CPU µs each", "both µs each", "p50 µs", "p99 µs"]
        let peers = ways.indices.filter { ways[$0].program.name != programs[0].name }
        let ratios = peers.map { "× \(ways[$0].name)" }
        var table = Table([title] + header + ratios)
        for (place, way) in ways.enumerated() {
            if let failure = failures[place] {
                print("  \(title), \(way.name): failed: \(failure)")
                continue
            }
            let speed = median(place, rate)
            func each(_ cpu: KeyPath<Measurement, Double>, _ scale: Double) -> String {
                figure(
                    median(place) { $0[keyPath: cpu] * scale / Double($0.amount.count) }, digits: 1)
            }
            var cells: [String]
            if isBulk {
                cells = [
                    figure(speed * 8 / 1_000_000), figure(speed / 1460), each(\.tender, 1_000_000),
                    each(\.all, 1_000_000),
                ]
            } else {
                cells = [figure(speed), each(\.tender, 1), each(\.all, 1)]
                cells += [0.5, 0.99].map { part in
                    figure(median(place) { $0.amount.latencies.quantile(part) })
                }
            }
            cells += peers.map { peer in
                figure(
                    failures[peer] == nil ? speed / median(peer, rate) : .nan, digits: 2)
            }
            table.add(way.name, cells)
        }
        table.show()
        print("")
    }
}
