@testable import BootSupport

#if Trace
    import Foundation
    import TestSupport
    import Testing

    /// What traces of real guests hold: exactly what the guests did.
    @Suite("Traces", .boots) struct TracingTests {
        private let directory: TemporaryDirectory
        private var file: String { directory.path("trace") }

        init() throws {
            directory = try TemporaryDirectory()
        }

        /// A line of a trace.
        private struct Record: Decodable {
            let cpu: Int
            let name: String
            let arguments: Fields
            let outcome: String
            let error: Bool?
            let bytes: UInt64?
            let host: Int?
            let guest: Int

            /// Those that are numbers.
            struct Fields: Decodable {
                let offset: UInt64?
                let len: UInt64?
                let code: Int?
            }
        }

        private struct Document: Decodable {
            let guest: String
            let cpus: Int
            let end: String
            let status: Int?
            let lost: Int
            let damaged: Int
            let records: [Record]

            func records(named name: String) -> [Record] { records.filter { $0.name == name } }
        }

        private func document(_ flavour: Flavour) throws -> Document {
            let outcome = try ChildProcess.run(flavour.debugPath, ["trace", "--json", file])
            try #require(outcome.status == 0, "\(outcome.error)")
            return try JSONDecoder().decode(Document.self, from: Data(outcome.out))
        }

        @Test("A console and a disk", arguments: Flavour.debugBuilt)
        func disk(flavour: Flavour) throws {
            let disk = directory.path("disk")
            try directory.write([], to: "disk")
            try directory.truncate("disk", to: 1 << 20)
            let outcome = try flavour.startDebug(
                "block", options: ["--trace=\(file)", "--block:storage=\(disk)"]
            ).wait()
            #expect(outcome.status == 0 && outcome.error == "")

            let trace = try document(flavour)
            #expect(trace.guest == "Solo5" && trace.cpus == 1)
            #expect(trace.end == "halt" && trace.status == 0)
            #expect(trace.lost == 0 && trace.damaged == 0)
            let printed = trace.records(named: "PUTS").compactMap { $0.bytes }.reduce(0, +)
            #expect(printed == UInt64(outcome.out.count))
            #expect(trace.records.last?.name == "HALT" && trace.records.last?.outcome == "halt")
            let writes = trace.records(named: "BLOCK_WRITE")
            let done = writes.filter { $0.error == false }
            #expect(done.contains { $0.arguments.offset == 0 && $0.bytes == 512 })
            #expect(done.contains { $0.arguments.offset == 1 << 20 - 512 && $0.bytes == 512 })
            #expect(writes.count > done.count)
            for refused in writes where refused.error == true { #expect(refused.bytes == 0) }
        }

        @Test("A network", .usesTaps, arguments: Flavour.debugBuilt)
        func network(flavour: Flavour) throws {
            let call = HotCall(
                guest: "bench-net", kind: "write", systemCall: nil,
                options: ["--net:service=tap0", "--trace=\(file)"], taps: 1)
            _ = try call.run(flavour.debugPath, count: 100, under: "")
            let writes = try document(flavour).records(named: "NET_WRITE")
            #expect(writes.count >= 100)
            #expect(writes.allSatisfy { $0.error == false && $0.bytes == $0.arguments.len })
        }

        @Test("Two vCPUs of a Hermit guest", arguments: Flavour.debugBuilt)
        func hermit(flavour: Flavour) throws {
            let outcome = try flavour.startDebug(
                "hermit/smp-v3", options: ["--trace=\(file)", "--cpus=2"]
            ).wait()
            #expect(outcome.status == 0 && outcome.error == "")
            let trace = try document(flavour)
            #expect(trace.guest == "Hermit" && trace.cpus == 2 && trace.end == "halt")
            let writes = trace.records(named: "FileWrite")
            #expect(writes.compactMap { $0.bytes }.reduce(0, +) == UInt64(outcome.out.count))
            #expect(Set(writes.map { $0.cpu }) == [0, 1])
            let exits = trace.records(named: "Exit")
            #expect(exits.count == 1 && exits.first?.arguments.code == 0)
        }

        @Test("A tender that is killed leaves what it recorded", arguments: Flavour.debugBuilt)
        func killed(flavour: Flavour) throws {
            let child = try flavour.startDebug("idle", options: ["--trace=\(file)"])
            #expect(try child.waitForOutput("idle"))
            // While it runs, too.
            #expect(try document(flavour).records.contains { $0.name == "PUTS" })
            try child.send(signal: SIGKILL)
            let printed = try child.wait().out.count
            let trace = try document(flavour)
            #expect(trace.end == "unknown" && trace.status == nil && trace.damaged == 0)
            let puts = trace.records(named: "PUTS")
            #expect(puts.compactMap { $0.bytes }.reduce(0, +) == UInt64(printed))
        }

        @Test("The oldest records go, and it says how many", arguments: Flavour.debugBuilt)
        func bounded(flavour: Flavour) throws {
            let lines = 12_000
            let outcome = try flavour.startDebug(
                "many-puts", ["lines=\(lines)"], options: ["--trace=\(file)", "--trace-size=1"]
            ).wait()
            #expect(outcome.status == 0)
            let trace = try document(flavour)
            // Each line, the word at the end, and the halt.
            #expect(trace.lost + trace.records.count == lines + 2)
            #expect(trace.lost > 0 && trace.records.last?.name == "HALT")
            let listing = try ChildProcess.run(flavour.debugPath, ["trace", file]).output
            #expect(listing.hasPrefix("# \(trace.lost) older records were lost\n"))
        }

        @Test(
            "A full disk is found before the guest starts", arguments: Flavour.debugBuilt,
            ["run", "check"])
        func full(flavour: Flavour, command: String) throws {
            let place = try directory.makeDirectory("small")
            let words = [
                flavour.debugPath, command, "--trace=\(place)/trace", "--trace-size=2",
                Host.guest("hello"),
            ]
            let script = "mount -t tmpfs -o size=1m none \(place) && exec \(Shell.quoted(words))"
            let user = geteuid() == 0 ? "" : "--map-root-user"
            let outcome = try Shell.run("unshare --mount \(user) sh -c \(Shell.quoted(script))")
            let line =
                "option --trace=\(place)/trace: Could not reserve 2 MiB for the "
                + "trace: No space left on device (--trace-size=MIB asks for less)\n"
            #expect(outcome.status == 1)
            if command == "run" {
                #expect(outcome.output == "" && outcome.error == "pinnace: \(line)")
            } else {
                #expect(outcome.output.hasSuffix("would not run\n  \(line)"), "\(outcome)")
            }
        }

        @Test(
            "A file that loses its room changes nothing for the guest",
            arguments: Flavour.debugBuilt)
        func lostRoom(flavour: Flavour) throws {
            // Calls all the time, and ends by itself.
            let child = try flavour.startDebug(
                "many-puts", ["lines=3000"], options: ["--trace=\(file)"])
            // The file is mapped before the guest's first instruction.
            try eventually("a trace with a header") {
                (try? directory.read("trace"))?.starts(with: Array("PNCTRACE".utf8)) == true
            }
            try directory.truncate("trace", to: 0)
            let outcome = try child.wait()
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.error.contains("trace: the file has lost its room"), "\(outcome.error)")
            #expect(try directory.read("trace").isEmpty)
        }

        @Test(
            "A file that loses its room, and several vCPUs that are stopped",
            arguments: Flavour.debugBuilt)
        func lostRoomOfHermit(flavour: Flavour) throws {
            let child = try flavour.startDebug(
                "hermit/hostile-v3", ["spin"], options: ["--trace=\(file)", "--cpus=2"])
            #expect(try child.waitForOutput("spinning"))
            try directory.truncate("trace", to: 0)
            // That the vCPUs stop is recorded by their threads.
            try child.send(signal: SIGTERM)
            let outcome = try child.wait()
            #expect(outcome.status == 1, "\(outcome.error)")
            #expect(outcome.error.contains("trace: the file has lost its room"), "\(outcome.error)")
            #expect(outcome.error.contains("Exiting on signal 15"), "\(outcome.error)")
        }

        @Test("Checks leave nothing behind", arguments: Flavour.debugBuilt)
        func checks(flavour: Flavour) throws {
            for guest in ["hello", "hermit/hello-v3"] {
                for command in [["check"], ["manifest", "--sandbox", "--json"]] {
                    let outcome = try ChildProcess.run(
                        flavour.debugPath, command + ["--trace=\(file)", Host.guest(guest)])
                    #expect(outcome.status == 0, "\(outcome)")
                    if command.count > 1 { #expect(outcome.output.contains("\"clock_gettime\"")) }
                    #expect(access(file, F_OK) == -1)
                }
                let outcome = try ChildProcess.run(
                    flavour.debugPath, ["check", "--trace=/dev/null", Host.guest(guest)])
                #expect(outcome.status == 1)
                #expect(outcome.output.contains("--trace=/dev/null: Could not open: not a regular"))
            }
        }

        @Test(
            "Recording takes no system call", .needs(Host.missing("strace")),
            arguments: Flavour.debugBuilt, ["--trace=trace", "--stats"])
        func systemCalls(flavour: Flavour, option: String) throws {
            let call = HotCall(
                guest: "bench-hypercall", kind: "walltime", systemCall: nil, options: [option])
            let counts = try [100, 200].map { count in
                try call.run(
                    flavour.debugPath, count: count, under: "strace -f -o calls",
                    afterwards: "wc -l <calls"
                ).split(separator: "\n").compactMap { Int($0) }.last
            }
            // To enter the guest again.
            #expect(try #require(counts[1]) - #require(counts[0]) == 100)
        }

        @Test("Statistics of a Solo5 guest", arguments: Flavour.debugBuilt)
        func statistics(flavour: Flavour) throws {
            let outcome = try flavour.startDebug("hello", options: ["--stats"]).wait()
            #expect(outcome.status == 0)
            let rows = outcome.error.split(separator: "\n").map { $0.split(separator: " ") }
            let puts = try #require(rows.first { $0.first == "PUTS" })
            #expect(puts.dropFirst().prefix(3).compactMap { Int($0) }.last == outcome.out.count)
            let halt = try #require(rows.first { $0.first == "HALT" })
            #expect(halt[1] == "1")
            #expect(outcome.error.contains("\nguest time "))
        }

        @Test("Those of a Hermit guest are module Uhyve's", arguments: Flavour.debugBuilt)
        func hermitStatistics(flavour: Flavour) throws {
            let outcome = try flavour.startDebug(
                "hermit/hello-v3", options: ["--stats", "--trace=\(file)"]
            ).wait()
            #expect(outcome.status == 0 && outcome.output.hasSuffix("SUCCESS\n"))
            #expect(outcome.error.hasPrefix("\nRun statistics:"))
            #expect(try document(flavour).guest == "Hermit")
        }

        @Test(
            "A guest that fails is explained by its last calls", arguments: Flavour.debugBuilt,
            [["--stats"], ["--trace"]])
        func fault(flavour: Flavour, options: [String]) throws {
            let options = options.map { $0 == "--trace" ? "--trace=\(file)" : $0 }
            let outcome = try flavour.startDebug("hostile", ["puts-past-end"], options: options)
                .wait()
            #expect(outcome.status == 1)
            let lines = outcome.error.split(separator: "\n")
            #expect(lines.first?.hasPrefix("the last calls and exits of vCPU 0") == true)
            #expect(lines.contains { $0.contains("[0] PUTS(") && $0.contains(" = fault <") })
            #expect(lines.contains { $0.hasPrefix("pinnace: Invalid guest access: ") })
        }

        @Test("A build without the module says so", .needs(Flavour.release.lack))
        func absent() throws {
            for line in [["trace", "x"], ["help", "trace"]] {
                let outcome = try ChildProcess.run(Flavour.release.path, line)
                #expect(outcome.status == 1)
                #expect(
                    outcome.error == "pinnace: trace: this pinnace was built without module trace "
                        + "(trait Trace)\n")
            }
        }
    }
#endif
