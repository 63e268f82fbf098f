import Foundation
import TestSupport
import Testing

/// Every case of the tables again, on another machine, with another kernel and another processor.
///
/// PINNACE_RUNNER is the beginning of a command that goes on with `--payload DIRECTORY -- COMMAND`,
/// and runs COMMAND in a copy of DIRECTORY there, as root, with what it writes as its own output.
@Suite("Another machine") struct OtherMachineTests {
    static let runner = ProcessInfo.processInfo.environment["PINNACE_RUNNER"] ?? ""

    static let obstacle: String? =
        runner.isEmpty
        ? "PINNACE_RUNNER names no way to another machine"
        : Flavour.release.lack ?? Host.missingGuests

    @Test("Cases of the release flavour", .needs(Self.obstacle))
    func cases() throws {
        // Command lines know nothing of machines: one way to call the tender is enough.
        try expectNoFailures(
            of: BootCase.all.map { BootRun(bootCase: $0, invocation: $0.invocations[0]) })
    }

    @Test("Signals, starts, and some tenders that are taken over", .needs(Self.obstacle))
    func scripts() throws {
        var cases = ScriptCase.signals as [any ScriptedCase] + ScriptCase.starts
        #if arch(x86_64)
            // All of them take minutes there.
            func some(_ takeovers: [Takeover]) -> [any ScriptedCase] {
                stride(from: 0, to: takeovers.count, by: 12).map { takeovers[$0] }
            }
            cases += Takeover.control as [any ScriptedCase]
            cases += some(Takeover.solo5) + some(Takeover.hermit)
            if Flavour.release.debugLack == nil { cases += some(Takeover.observed) }
        #endif
        try expectNoFailures(of: cases)
    }

    private func expectNoFailures(of cases: [any ScriptedCase]) throws {
        var failures = try failures(of: cases)
        // An emulated machine that began badly measures time wrongly for as long as it runs, so that
        // timers never fire. What fails for any other reason fails on a fresh one as well.
        if !failures.isEmpty {
            for failure in failures { print("once more: \(failure)") }
            failures = try self.failures(of: failures.map { $0.scripted })
        }
        for failure in failures { Issue.record("\(failure)") }
    }

    @Test("What Landlock lacks there is known", .needs(Self.obstacle))
    func landlock() throws {
        let payload = try TemporaryDirectory()
        let files = FileManager.default
        try files.copyItem(atPath: Flavour.release.path, toPath: payload.path("pinnace"))
        try files.copyItem(atPath: Host.guest("hermit/hello-v3"), toPath: payload.path("guest"))
        let script = """
            uname -r
            mkdir /tmp/read /tmp/write
            read=--file-mapping=/tmp/read:/read:ro write=--file-mapping=/tmp/write:/write
            for options in "$read" "$write" "$read $write"; do
                for mode in on strict; do
                    ./pinnace run --sandbox=$mode $options guest 2>&1 >/dev/null
                    echo "$?"
                done
            done

            """
        try payload.write(Array(script.utf8), to: "run.sh")
        let outcome = try Shell.run(
            "exec \(Self.runner) --payload \(Shell.quoted(payload.path)) -- sh run.sh", timeout: 300
        )
        let lines = outcome.output.split(separator: "\n").map { String($0) }
        let version = try #require(lines.first).split(separator: ".").compactMap { Int($0) }
        try #require(version.count >= 2, "\(lines)")
        // Landlock forbids truncation from Linux 6.2 on.
        guard (version[0], version[1]) < (6, 2) else {
            #expect(lines.dropFirst() == ["0", "0", "0", "0", "0", "0"])
            return
        }
        try #require(lines.count == 9, "\(lines)")
        let lack = "can't forbid truncation of files that are mapped read-only"
        #expect(lines[1...4] == ["0", "0", "0", "0"])
        #expect(lines[5].hasPrefix("pinnace: this kernel's Landlock, version "))
        #expect(lines[5].hasSuffix(lack) && lines[6] == "0")
        #expect(lines[7].hasPrefix("pinnace: --sandbox=strict, but this kernel's Landlock"))
        #expect(lines[7].hasSuffix(lack) && lines[8] == "1")
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
        let command = "exec \(Self.runner) --payload \(Shell.quoted(payload.path)) -- sh run.sh"
        let outcome = try Shell.run(command, timeout: 1200)
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

    private func pack(_ cases: [any ScriptedCase], into payload: TemporaryDirectory) throws {
        let files = FileManager.default
        try files.copyItem(atPath: Flavour.release.path, toPath: payload.path("pinnace"))
        if Flavour.release.debugLack == nil {
            try files.copyItem(
                atPath: Flavour.release.debugPath, toPath: payload.path("pinnace-debug"))
        }
        try payload.makeDirectory("guests")
        try payload.makeDirectory("guests/hermit")
        for name in Set(cases.flatMap { $0.guests }) {
            try files.copyItem(
                atPath: Host.guest(name),
                toPath: payload.path("guests/\(Host.fileName(ofGuest: name))"))
        }
        try files.copyItem(atPath: Host.tools, toPath: payload.path("guests/tools"))
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
