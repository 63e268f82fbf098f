import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Every case of the tables again, on another machine, with another kernel and another processor.
///
/// PINNACE_RUNNER is the beginning of a command that goes on with `--payload DIRECTORY -- COMMAND`,
/// and runs COMMAND in a copy of DIRECTORY there, as root, with what it writes as its own output. The
/// machine has BusyBox, ping and, for TCP, bash.
@Suite("Another machine") struct OtherMachineTests {
    static let runner = ProcessInfo.processInfo.environment["PINNACE_RUNNER"] ?? ""

    static let machine = OtherMachine(
        runner: runner, tender: Flavour.release.path,
        debugTender: Flavour.release.debugLack == nil ? Flavour.release.debugPath : nil,
        guests: Host.guests)

    static let obstacle: String? =
        runner.isEmpty
        ? "PINNACE_RUNNER names no way to another machine"
        : Flavour.release.lack ?? Host.missingGuests

    @Test("Cases of the release flavour", .needs(Self.obstacle))
    func cases() throws {
        // Command lines know nothing of machines: one way to call the tender is enough.
        try Self.machine.expectNoFailures(
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
        try Self.machine.expectNoFailures(of: cases)
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
}
