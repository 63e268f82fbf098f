import Foundation
import TestSupport
import Testing

/// A machine that scripts are run on: a tender and guests are copied there.
struct OtherMachine {
    /// The beginning of a command that goes on with `--payload DIRECTORY -- COMMAND`, and runs COMMAND
    /// in a copy of DIRECTORY there, as root, with what it writes as its own output.
    let runner: String
    /// Paths here.
    let tender: String
    let debugTender: String?
    let guests: String

    /// The path, here, of a guest of ours.
    func guest(_ name: String) -> String { "\(guests)/\(Host.fileName(ofGuest: name))" }

    func expectNoFailures(of cases: [any ScriptedCase]) throws {
        var failures = try failures(of: cases)
        // An emulated machine that began badly measures time wrongly for as long as it runs, so that
        // timers never fire. What fails for any other reason fails on a fresh one as well.
        if !failures.isEmpty {
            for failure in failures { print("once more: \(failure)") }
            failures = try self.failures(of: failures.map { $0.scripted })
        }
        for failure in failures { Issue.record("\(failure)") }
    }

    private struct Failure: CustomStringConvertible {
        let scripted: any ScriptedCase
        let objections: [String]

        var description: String { "\(scripted.testDescription): \(objections)" }
    }

    /// Runs these on a machine of their own.
    private func failures(of cases: [any ScriptedCase]) throws -> [Failure] {
        let payload = try TemporaryDirectory()
        try pack(cases, into: payload)
        let outcome = try run(payload, timeout: 2400)
        var report = Report(outcome.out)
        let failures = cases.compactMap { scripted -> Failure? in
            guard let result = report.next() else {
                return Failure(scripted: scripted, objections: ["no report: \(outcome.error)"])
            }
            let objections = scripted.expectation.objections(
                status: result.status, output: result.output, error: result.error,
                program: scripted.program)
            return objections.isEmpty ? nil : Failure(scripted: scripted, objections: objections)
        }
        #expect(!failures.isEmpty || outcome.status == 0, "\(outcome.error)")
        return failures
    }

    /// Runs the payload's run.sh there.
    func run(_ payload: TemporaryDirectory, timeout: Double = 600) throws -> ChildProcess.Outcome {
        try Shell.run(
            "exec \(runner) --payload \(Shell.quoted(payload.path)) -- sh run.sh", timeout: timeout)
    }

    /// A script, guests in `guests`, and the tender with the modules that look into them as `pinnace`.
    func debugPayload(_ script: String, guests names: [String]) throws -> TemporaryDirectory {
        let payload = try TemporaryDirectory()
        try copy(try #require(debugTender), to: "pinnace", in: payload)
        try copyGuests(names, to: payload)
        try payload.write(Array(script.utf8), to: "run.sh")
        return payload
    }

    private func copy(_ path: String, to name: String, in payload: TemporaryDirectory) throws {
        try FileManager.default.copyItem(atPath: path, toPath: payload.path(name))
    }

    private func copyGuests(_ names: [String], to payload: TemporaryDirectory) throws {
        for directory in ["guests", "guests/hermit", "guests/aarch64"] {
            try payload.makeDirectory(directory)
        }
        for name in Set(names) {
            try copy(guest(name), to: "guests/\(Host.fileName(ofGuest: name))", in: payload)
        }
    }

    private func pack(_ cases: [any ScriptedCase], into payload: TemporaryDirectory) throws {
        try copy(tender, to: "pinnace", in: payload)
        if let debugTender { try copy(debugTender, to: "pinnace-debug", in: payload) }
        try copyGuests(cases.flatMap { $0.guests }, to: payload)
        try copy(Host.tools, to: "guests/tools", in: payload)
        try payload.makeDirectory("cases")
        for (number, scripted) in cases.enumerated() {
            try payload.write(Array(scripted.script.utf8), to: "cases/\(number).sh")
        }
        try payload.write(Array(Self.script.utf8), to: "run.sh")
    }

    /// Runs all cases. For each it prints a line with three numbers, status and sizes of output and
    /// error output, and then the latter two.
    private static let script = """
        export PINNACE="$PWD/pinnace" PINNACE_DEBUG="$PWD/pinnace-debug" GUESTS="$PWD/guests"
        # BusyBox's shell would take its own ping, which can do less.
        shell=$(command -v dash || echo sh)
        number=0
        while [ -e cases/$number.sh ]; do
            export WORK=/tmp/work
            mkdir $WORK
            timeout -s KILL 90 $shell cases/$number.sh </dev/null >/tmp/out 2>/tmp/err
            echo $? $(wc -c </tmp/out) $(wc -c </tmp/err)
            cat /tmp/out /tmp/err
            rm -rf $WORK
            number=$((number + 1))
        done

        """
}

/// What the script has printed, to be taken case by case.
struct Report {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// - Returns: nil if there is nothing more, or no number where one should be.
    mutating func next() -> (status: Int32, output: String, error: String)? {
        guard let (status, texts) = next(texts: 2) else { return nil }
        return (
            status, String(decoding: texts[0], as: UTF8.self),
            String(decoding: texts[1], as: UTF8.self)
        )
    }

    /// The same for any count of texts.
    mutating func next(texts count: Int) -> (status: Int32, texts: [[UInt8]])? {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let numbers = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
            .compactMap { Int($0) }
        guard numbers.count == count + 1 else { return nil }
        rest = rest[(end + 1)...]
        return (Int32(numbers[0]), numbers.dropFirst().map { take($0) })
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
