import Foundation
import TestSupport
import Testing

@testable import BootSupport

extension OtherMachineTests {
    private static let straceObstacle = obstacle ?? Host.missing("strace")

    /// With this machine's strace(1). On the other kernel other calls are made, and they fail there.
    @Test(
        "A system call fails there: the guest runs to its end, or a line says why not",
        .needs(Self.straceObstacle), arguments: FaultyLaunch.allCases)
    func systemCallFaults(launch: FaultyLaunch) throws {
        let plain = ["strace", "-f", "-qq", "-o", "trace"]
        let good = try #require(try outcomes(launch, [plain]).first)
        let calls = try launch.calls(good)
        let console = try FaultyLaunch.console(calls)
        // Every call, each with another error than the one before.
        let attempts = calls.filter { $0.canFail }.enumerated().map { index, call in
            (call, call.failing(with: HostFaultTests.errors[index % HostFaultTests.errors.count]))
        }
        #expect(attempts.count > 50)
        let outcomes = try outcomes(launch, attempts.map { $0.1.command(trace: "trace") })
        #expect(outcomes.count == attempts.count)
        let complaints = zip(attempts, outcomes).compactMap { attempt, outcome in
            launch.complaint(outcome, attempt.1, attempt.0, console: console)
        }
        #expect(complaints.isEmpty, "\(complaints.prefix(20).joined(separator: "\n"))")
    }

    /// Runs it there under each of these commands.
    private func outcomes(
        _ launch: FaultyLaunch, _ commands: [[String]]
    ) throws -> [FaultyLaunch.Outcome] {
        let payload = try TemporaryDirectory()
        let files = FileManager.default
        try files.copyItem(atPath: Flavour.release.path, toPath: payload.path("pinnace"))
        try files.copyItem(atPath: Host.guest(launch.guest), toPath: payload.path("guest"))
        try Self.packTracer(into: payload)
        let words = launch.options(in: ".", tap: 0)
        let command =
            "/payload/pinnace run \(Shell.quoted(words)) /payload/guest "
            + Shell.quoted(launch.arguments)
        let lines = commands.map { "try \(Shell.quoted($0)) \(command)" }
        let script = ([BootRun.definitions, Self.faultyScript] + lines).joined(separator: "\n")
        try payload.write(Array(script.utf8), to: "run.sh")
        let run = "exec \(Self.runner) --payload \(Shell.quoted(payload.path)) -- sh run.sh"
        let there = try Shell.run(run, timeout: 600)
        var report = Report(there.out)
        return try commands.map { command in
            let next = report.next(texts: 5)
            let result = try #require(next, "\(command): \(there.error.suffix(2000))")
            var child = ChildProcess.Outcome(status: result.status)
            child.out = result.texts[0]
            child.err = result.texts[1]
            return FaultyLaunch.Outcome(
                child: child, trace: String(decoding: result.texts[2], as: UTF8.self),
                leftovers: String(decoding: result.texts[3], as: UTF8.self)
                    .split(separator: "\n").map { String($0) },
                disk: result.texts[4])
        }
    }

    /// With the libraries that are not there.
    private static func packTracer(into payload: TemporaryDirectory) throws {
        let script = """
            mkdir lib
            cp "$(command -v strace)" lib/strace
            for library in $(ldd lib/strace | sed -n 's/.* => \\(.*\\) (.*/\\1/p'); do
                case $library in */libc.so.*) ;; *) cp -L "$library" lib ;; esac
            done
            """
        let outcome = try Shell.run("cd \(Shell.quoted(payload.path)) && { \(script)\n}")
        try #require(outcome.status == 0, "\(outcome.error)")
    }

    /// For each run: status, and the sizes of what follows: both outputs, the trace, what was left, and
    /// the disk.
    private static let faultyScript = """
        tap 0
        strace() { LD_LIBRARY_PATH=/payload/lib timeout -s KILL 60 /payload/lib/strace "$@"; }
        try() {
            # strace itself may fail, if what it stops goes on too early (PTRACE_LISTEN: EIO). That says
            # nothing of the tender, which is run once more, from the beginning.
            for attempt in 1 2 3; do
                rm -rf /tmp/place
                mkdir -p /tmp/place/mapped /tmp/place/temporary
                cd /tmp/place
                truncate -s 4096 disk
                : >trace
                # The console is a pipe, as here.
                mkfifo outputs errors
                cat outputs >out &
                cat errors >err &
                "$@" </dev/null >outputs 2>errors
                status=$?
                wait
                grep -q 'strace: ptrace(' err || break
            done
            ls temporary >left
            echo $status $(wc -c <out) $(wc -c <err) $(wc -c <trace) $(wc -c <left) 4096
            cat out err trace left disk
        }

        """
}
