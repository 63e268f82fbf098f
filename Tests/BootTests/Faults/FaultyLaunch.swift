import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// A launch whose system calls are interfered with, one in each run.
enum FaultyLaunch: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// A Solo5 guest with a disk and a tap, which makes each hypercall once.
    case solo5
    /// A Hermit guest with a mapping and a temporary directory, which makes a file and reads it.
    case hermit

    var testDescription: String { rawValue }

    var guest: String {
        switch self {
        case .solo5: "once"
        case .hermit: "hermit/files-v3"
        }
    }

    /// - Parameters:
    ///   - directory: has the three things that `Place.prepare` makes.
    ///   - tap: the number of the tap.
    func options(in directory: String, tap: Int) -> [String] {
        switch self {
        case .solo5:
            ["--mem=2", "--block:storage=\(directory)/disk", "--net:service=tap\(tap)"]
        case .hermit:
            [
                "--file-mapping=\(directory)/mapped:/root",
                "--temporary-directory=\(directory)/temporary",
            ]
        }
    }

    var arguments: [String] { self == .hermit ? ["create"] : [] }

    /// What a run uses, and no other at the same time.
    struct Place: Sendable {
        let index: Int
        let directory: TemporaryDirectory
        /// The words that a command in the network namespace begins with.
        let entry: [String]

        init(index: Int, in namespace: Namespace) throws {
            self.index = index
            entry = namespace.entry
            directory = try TemporaryDirectory()
        }

        var disk: String { directory.path("disk") }
        var mapped: String { directory.path("mapped") }
        var temporary: String { directory.path("temporary") }
        var trace: String { directory.path("trace") }

        /// Makes everything as it is before a run.
        func prepare() throws {
            for path in [mapped, temporary, disk, trace] {
                try? FileManager.default.removeItem(atPath: path)
            }
            try directory.makeDirectory("mapped")
            try directory.makeDirectory("temporary")
            try directory.write([UInt8](repeating: 0, count: 4096), to: "disk")
        }
    }

    /// How a run came to its end, and what it left behind.
    struct Outcome {
        let child: ChildProcess.Outcome
        /// All that strace wrote.
        let trace: String
        /// What is still in the directory for temporary ones.
        let leftovers: [String]
        let disk: [UInt8]
    }

    /// Runs it in `place`, under strace(1).
    ///
    /// Should a signal stop a thread just when another one ends the process, strace may take that for
    /// something else, be refused by ptrace(2), and end with an error of its own. That says nothing of
    /// the tender, so the run is done again.
    func run(_ flavour: Flavour, in place: Place, under watch: [String]) throws -> Outcome {
        var outcome = try runOnce(flavour, in: place, under: watch)
        for _ in 0..<4 where outcome.child.error.contains("strace: ptrace(") {
            outcome = try runOnce(flavour, in: place, under: watch)
        }
        return outcome
    }

    private func runOnce(
        _ flavour: Flavour, in place: Place, under watch: [String]
    ) throws -> Outcome {
        try place.prepare()
        let words =
            place.entry + watch + [flavour.path, "run"]
            + options(in: place.directory.path, tap: place.index) + [Host.guest(guest)] + arguments
        // Time is no part of any expectation, but that there is an end.
        let child = try ChildProcess("/usr/bin/env", words)
        let outcome = try child.wait(timeout: 60)
        let trace = (try? String(contentsOfFile: place.trace, encoding: .utf8)) ?? ""
        if outcome.timedOut {
            // strace was killed, and the tender goes on without it.
            for thread in Set(TracedCall.all(in: trace).map { $0.thread }) {
                if let id = pid_t(thread) { kill(id, SIGKILL) }
            }
        }
        return Outcome(
            child: outcome, trace: trace,
            leftovers: try FileManager.default.contentsOfDirectory(atPath: place.temporary),
            disk: try place.directory.read("disk"))
    }

    /// The calls of a good run, from the first one of our own on: what is done before `main` is not
    /// ours to answer for.
    ///
    /// strace counts the calls of each thread. What a later thread does can't be interfered with if
    /// the first one did as much before `main`.
    func calls(_ flavour: Flavour, in place: Place) throws -> [TracedCall] {
        let outcome = try run(
            flavour, in: place, under: ["strace", "-f", "-qq", "-o", place.trace])
        return try calls(outcome)
    }

    /// - Parameter outcome: of a good run.
    func calls(_ outcome: Outcome) throws -> [TracedCall] {
        #expect(outcome.child.status == 0 && outcome.child.output.hasSuffix("SUCCESS\n"))
        let all = TracedCall.all(in: outcome.trace)
        let start = try #require(all.firstIndex { $0.text.hasPrefix("rt_sigaction(SIGINT,") })
        var before: [String: Int] = [:]
        for call in all[..<start] { before[call.name, default: 0] += 1 }
        return all[start...].filter { $0.occurrence > before[$0.name, default: 0] }
    }
}

extension Array where Element: Sendable {
    /// Does `body` for all elements, in a place each, several at a time.
    ///
    /// - Returns: what it says about each, where it says anything.
    func complaints(
        in places: [FaultyLaunch.Place],
        _ body: @escaping @Sendable (Element, FaultyLaunch.Place) throws -> String?
    ) throws -> [String] {
        let workers = places.enumerated().map { worker, place in
            Background {
                try stride(from: worker, to: count, by: places.count).compactMap {
                    try body(self[$0], place)
                }
            }
        }
        return try workers.flatMap { try $0.join() }
    }
}
