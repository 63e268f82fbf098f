import CLinux
import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Launches under seccomp policies that lack something, or where memory can't be had.
@Suite("Under a policy that lacks something", .boots, .needs(Host.missing("python3")))
struct OuterPolicyTests {
    /// A Hermit guest with a mapping and a temporary directory, and a Solo5 guest.
    enum Guest: String, CaseIterable {
        case solo5
        case hermit
    }

    private func run(
        _ guest: Guest, _ flavour: Flavour, under policy: CallPolicy, _ mode: String = "on",
        as program: [String] = ["run"]
    ) throws -> ChildProcess.Outcome {
        let directory = try TemporaryDirectory()
        try directory.makeDirectory("mapped")
        try directory.makeDirectory("temporary")
        let options =
            guest == .hermit
            ? [
                "--file-mapping=\(directory.path("mapped")):/root",
                "--temporary-directory=\(directory.path("temporary"))",
            ] : []
        let words =
            policy.command + [flavour.path] + program + ["--sandbox=\(mode)"] + options
            + [Host.guest(guest == .hermit ? "hermit/files-v3" : "hello")]
            + (guest == .hermit ? ["create"] : [])
        let child = try ChildProcess("/usr/bin/env", Array(words.dropFirst()))
        let outcome = try child.wait()
        let left = try FileManager.default.contentsOfDirectory(
            atPath: directory.path("temporary"))
        #expect(left == [], "\(policy)")
        return outcome
    }

    /// What the table "Calls newer than Linux 5.4" in Sources/Sandbox/README.md has.
    static let newCalls: [(name: String, numbers: [Int])] = [
        ("close_range", [436]), ("openat2", [437]), ("landlock_create_ruleset", [444]),
        ("landlock_add_rule", [445]), ("landlock_restrict_self", [446]),
    ]

    @Test(
        "A call newer than Linux 5.4 that is refused: another one, or a line with the way out",
        arguments: newCalls.map { $0.name }, CallPolicy.Answer.all)
    func newCall(name: String, answer: CallPolicy.Answer) throws {
        let call = try #require(Self.newCalls.first { $0.name == name })
        let policy = CallPolicy(refusing: name, call.numbers, by: answer)
        let isLandlock = name.hasPrefix("landlock")
        let isHidden = if case .error(ENOSYS) = answer { true } else { false }
        for guest in Guest.allCases {
            // A module makes that one before it can be known that it is the end of the process.
            if name == "openat2", guest == .hermit, answer.isKill { continue }
            for mode in ["on", "inherited"] {
                let outcome = try run(guest, .release, under: policy, mode)
                let comment = Comment(rawValue: "\(policy) \(guest) \(mode): \(outcome.error)")
                let isNeeded =
                    switch name {
                    case "openat2": guest == .hermit
                    case "landlock_create_ruleset": mode == "on" && !isHidden
                    // Without places there is no rule to add, and who may add one is not asked.
                    case "landlock_add_rule":
                        mode == "on" && (guest == .hermit || answer.isSignal)
                    case "landlock_restrict_self": mode == "on"
                    default: false
                    }
                guard isNeeded else {
                    #expect(outcome.status == 0 && outcome.output.hasSuffix("SUCCESS\n"), comment)
                    let lines = outcome.error.split(separator: "\n")
                    #expect(
                        lines.allSatisfy { isLandlock && $0.hasSuffix("the sandbox does without") },
                        comment)
                    continue
                }
                #expect(outcome.status == 1 && outcome.output.isEmpty, comment)
                #expect(outcome.error.contains(isLandlock ? "andlock" : name), comment)
                #expect(outcome.error.split(separator: "\n").count == 1, comment)
                if isLandlock { #expect(outcome.error.contains("--sandbox=inherited"), comment) }
            }
        }
    }

    @Test(
        "What the sandbox is made by: named, and `inherited` does without",
        arguments: ["capset", "prctl", "seccomp"], CallPolicy.Answer.all)
    func sandboxCall(name: String, answer: CallPolicy.Answer) throws {
        // Asked before all others whether there is a policy.
        guard !(name == "prctl" && answer.isKill) else { return }
        let number = ["capset": SYS_capset, "prctl": SYS_prctl, "seccomp": SYS_seccomp][name]
        let policy = CallPolicy(refusing: name, [Int(try #require(number))], by: answer)
        for guest in Guest.allCases {
            let refused = try run(guest, .release, under: policy)
            #expect(refused.status == 1 && refused.error.contains(name), "\(policy) \(refused)")
            #expect(refused.error.contains("--sandbox=inherited"))
            let accepted = try run(guest, .release, under: policy, "inherited")
            #expect(accepted.status == 0, "\(policy) \(accepted)")
            #expect(accepted.output.hasSuffix("SUCCESS\n"))
            let warning =
                "pinnace: the outer seccomp policy refuses \(name): the sandbox does without"
            #expect(accepted.error == (name == "seccomp" ? "" : warning + "\n"))
        }
    }

    @Test("systemd's @system-service", arguments: CallPolicy.Answer.all)
    func systemService(answer: CallPolicy.Answer) throws {
        for guest in Guest.allCases {
            let policy = CallPolicy.systemService(answer)
            let refused = try run(guest, .release, under: policy)
            #expect(refused.status == 1)
            #expect(refused.error.contains("outer seccomp policy refuses"), "\(refused.error)")
            let accepted = try run(guest, .release, under: policy, "inherited")
            #expect(accepted.status == 0, "\(accepted.error)")
        }
    }

    @Test("urunc 0.5's list")
    func urunc() throws {
        let policy = CallPolicy.urunc
        let refused = try run(.solo5, .release, under: policy)
        #expect(refused.status == 1)
        #expect(
            refused.error.contains("an outer seccomp policy refuses prctl, landlock_create_ruleset")
        )
        let accepted = try run(.solo5, .release, under: policy, "inherited")
        #expect(accepted.status == 0 && accepted.output.hasSuffix("SUCCESS\n"), "\(accepted)")
        let hermit = try run(.hermit, .release, under: policy, "inherited")
        #expect(hermit.status == 1)
        #expect(hermit.error.contains("an outer seccomp policy refuses"))
        #expect(hermit.error.contains("eventfd2"), "\(hermit.error)")
    }

    @Test("What any other call's refusal comes to: its name is told")
    func others() throws {
        for (name, number) in [("ioctl", SYS_ioctl), ("eventfd2", SYS_eventfd2)] {
            let policy = CallPolicy(refusing: name, [Int(number)], by: .signal)
            let outcome = try run(.hermit, .release, under: policy)
            #expect(outcome.status == 1)
            #expect(
                outcome.error.contains("an outer seccomp policy refuses \(name)"), "\(outcome)")
        }
        // While the guest runs.
        let policy = CallPolicy(
            refusing: "clock_nanosleep", [Int(SYS_clock_nanosleep)], by: .signal)
        let words = policy.command + [Flavour.release.path, "run", Host.guest("poll")]
        let outcome = try ChildProcess(words[0], Array(words.dropFirst())).wait()
        #expect(outcome.status == 1)
        #expect(outcome.error.contains("refuses clock_nanosleep: a guest that needs it will end"))
        #expect(outcome.error.contains("system call clock_nanosleep(0x1, "))
        #expect(outcome.error.hasSuffix("an outer seccomp policy refuses it: allow it there\n"))
    }

    @Test(
        "Where a thread, or what wakes it, can't be had, the network ring has no worker",
        arguments: [
            ("clone", SYS_clone), ("timer_create", SYS_timer_create), ("eventfd2", SYS_eventfd2),
            ("sched_getaffinity", SYS_sched_getaffinity),
        ] as [(String, Int32)], [.error(EPERM), .signal] as [CallPolicy.Answer])
    func ringWithoutWorker(call: (name: String, number: Int32), answer: CallPolicy.Answer) throws {
        let (near, far) = try Descriptor.socketPair(SOCK_SEQPACKET)
        let policy = CallPolicy(refusing: call.name, [Int(call.number)], by: answer)
        let words =
            policy.command + [
                Flavour.release.path, "run", "--net:service=@9", Host.guest("bench-net"),
                "ring-read", "count=100",
            ]
        let outcome = try Shell.start(
            "exec \(Shell.quoted(words))", inherited: [9: near.number]
        ).wait()
        #expect(outcome.status == 0 && outcome.output.hasSuffix("SUCCESS\n"), "\(outcome)")
        withExtendedLifetime(far) {}
    }

    @Test("As uhyve, which has no option --sandbox", arguments: CallPolicy.Answer.all)
    func asUhyve(answer: CallPolicy.Answer) throws {
        let policy = CallPolicy(refusing: "seccomp", [Int(SYS_seccomp)], by: answer)
        let words =
            policy.command + [Flavour.release.path, "--as", "uhyve", Host.guest("hermit/hello-v3")]
        let outcome = try ChildProcess(words[0], Array(words.dropFirst())).wait()
        #expect(outcome.status == 1)
        #expect(outcome.error.contains("uhyve: an outer seccomp policy refuses"))
        #expect(outcome.error.contains("use `pinnace run --sandbox=inherited`"))
    }

    // MARK: Descriptors

    @Test(
        "Without close_range, what was left open is closed all the same",
        arguments: CallPolicy.Answer.all)
    func descriptors(answer: CallPolicy.Answer) throws {
        let policy = CallPolicy(refusing: "close_range", [436], by: answer)
        for (guest, text, arguments) in [
            ("idle", "idle", []), ("hermit/hostile-v3", "sleeping", ["sleep"]),
        ] {
            let tender =
                [Flavour.release.path, "run", "--sandbox=strict", Host.guest(guest)] + arguments
            // Python has closed what it was given. Numbers of several digits are bash's.
            let script = "exec \(Shell.quoted(tender)) 9</dev/zero 109</dev/zero"
            let command = policy.command + ["/bin/bash", "-c", script]
            let child = try ChildProcess(command[0], Array(command.dropFirst()))
            #expect(try child.waitForOutput(text))
            try child.waitForFilter()
            let descriptors = child.descriptors
            #expect(descriptors[109] == nil)
            #expect(!descriptors.values.contains("/dev/zero"))
            try child.send(signal: SIGKILL)
            _ = try child.wait()
        }
    }

    /// Why no limit can be above what is closed by number, if none can.
    private static let lowLimit: String? = {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(7), &limit)  // RLIMIT_NOFILE
        return limit.rlim_max < 70000 ? "the hard limit of open files is below 70000" : nil
    }()

    @Test(
        "With neither close_range nor /proc, that is said", .needs(Host.needsRoot),
        .needs(lowLimit))
    func noProc() throws {
        let policy = CallPolicy(refusing: "close_range", [436], by: .error(ENOSYS))
        func run(_ mode: String, limit: Int) throws -> ChildProcess.Outcome {
            let tender = Shell.quoted([
                Flavour.release.path, "run", "--sandbox=\(mode)", Host.guest("hello"),
            ])
            let script = "ulimit -n \(limit) && mount -t tmpfs tmpfs /proc && exec \(tender)"
            let command = policy.command + ["/usr/bin/unshare", "-m", "sh", "-c", script]
            return try Shell.run("exec \(Shell.quoted(command))")
        }
        #expect(try run("strict", limit: 1000).status == 0)
        let refused = try run("strict", limit: 70000)
        #expect(refused.status == 1)
        #expect(refused.error.contains("--sandbox=strict, but this kernel has no close_range"))
        // What is closed by number.
        let tender = Shell.quoted([
            Flavour.release.path, "run", "--sandbox=strict", Host.guest("idle"),
        ])
        let script =
            "ulimit -n 1000 && mount -t tmpfs tmpfs /proc && "
            + "exec \(tender) 9</dev/zero 109</dev/zero 998</dev/zero"
        let command = policy.command + ["/usr/bin/unshare", "-m", "bash", "-c", script]
        let child = try ChildProcess(command[0], Array(command.dropFirst()))
        #expect(try child.waitForOutput("idle"))
        try child.waitForFilter()
        #expect(!child.descriptors.isEmpty)
        #expect(!child.descriptors.values.contains("/dev/zero"))
        try child.send(signal: SIGKILL)
        _ = try child.wait()
        let warned = try run("on", limit: 70000)
        #expect(warned.status == 0)
        #expect(warned.error.contains("close_range and /proc are both out of reach"))
    }

    // MARK: Memory

    @Test(
        "A heap that can't grow: a line and status 1, and nothing is left",
        arguments: ["", "glibc.malloc.hugetlb=1", "glibc.malloc.hugetlb=2"])
    func heap(tunables: String) throws {
        for limit in stride(from: 46000, through: 60000, by: 2000) {
            let directory = try TemporaryDirectory()
            try directory.makeDirectory("mapped")
            try directory.makeDirectory("temporary")
            let command = [
                Flavour.release.path, "run", "--mem=32",
                "--file-mapping=\(directory.path("mapped")):/root",
                "--temporary-directory=\(directory.path("temporary"))",
                Host.guest("hermit/hostile-v3"), "temporary-paths",
            ]
            let outcome = try Shell.run(
                "ulimit -v \(limit); exec \(Shell.quoted(command))",
                environment: tunables.isEmpty ? [:] : ["GLIBC_TUNABLES": tunables])
            let left = try FileManager.default.contentsOfDirectory(
                atPath: directory.path("temporary"))
            #expect(left == [], "\(limit): \(outcome)")
            let isTold =
                outcome.status == 1 && outcome.error.hasPrefix("pinnace: ")
                && outcome.error.split(separator: "\n").count == 1
                && (outcome.error.contains("no more memory")
                    || outcome.error.contains("see ulimit -u and -v"))
            #expect(isTold || outcome.status == 0, "\(limit): \(outcome)")
        }
    }

    @Test("No memory where no error can say so: a line and status 1")
    func exhaustion() throws {
        // A device tree with all of these has no room on the heap that is left; with room, they are
        // more than it can hold.
        let arguments = [String](repeating: String(repeating: "a", count: 100_000), count: 14)
        let guest = Host.guest("hermit/hello-v3")
        let command = [Flavour.release.path, "run", "--mem=32", guest] + arguments
        func run(_ limit: String) throws -> ChildProcess.Outcome {
            try ChildProcess(
                "/bin/sh", ["-c", #"ulimit -v "$0" && exec "$@""#, limit] + command
            ).wait()
        }
        let outcome = try run("45000")
        #expect(outcome.status == 1, "\(outcome.error)")
        let line = "pinnace: no more memory: a limit by ulimit -v or -d, a cgroup's, or "
        #expect(outcome.error.split(separator: "\n").last?.hasPrefix(line) == true)
        let other = try run("unlimited")
        #expect(
            other.status == 1 && other.error.contains("bytes, the maximum is 16384"),
            "\(other.error)")
    }

    // MARK: What else can be lacking

    @Test("Sockets that a unit forbids", .usesTaps)
    func addressFamilies() throws {
        let policy = CallPolicy(refusing: "socket", [Int(SYS_socket)], by: .error(EAFNOSUPPORT))
        let words =
            policy.command + [
                Flavour.release.path, "run", "--net:service=lo", Host.guest("net-echo"),
            ]
        let outcome = try ChildProcess(words[0], Array(words.dropFirst())).wait()
        #expect(outcome.status == 1)
        #expect(outcome.error.contains("RestrictAddressFamilies="), "\(outcome.error)")
        #expect(outcome.error.contains("@FD"))
    }

    @Test("No process more for KVM's thread", .needs(Host.needsRoot))
    func processes() throws {
        let command = [Flavour.release.path, "run", "--user=65534", Host.guest("hello")]
        let outcome = try Shell.run("ulimit -u 1; exec \(Shell.quoted(command))")
        // Where KVM makes no thread, nothing is lacking.
        #expect(
            outcome.status == 0 || outcome.error.contains("ulimit -u"), "\(outcome.error)")
    }
}

extension CallPolicy.Answer {
    fileprivate var isSignal: Bool {
        switch self {
        case .signal, .kill: true
        case .error: false
        }
    }

    fileprivate var isKill: Bool { if case .kill = self { true } else { false } }
}
