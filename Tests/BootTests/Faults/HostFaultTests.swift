import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What becomes of a launch, or of a guest that runs, when the host fails or wants it to end.
@Suite("Faults of the host", .usesTaps, .needs(Host.missing("strace"))) struct HostFaultTests {
    /// What a call may fail with; more than each can.
    static let errors = [
        "EIO", "ENOMEM", "EINTR", "EAGAIN", "ENOSPC", "EMFILE", "EBUSY", "EPERM",
    ]

    @Test(
        "Any one system call fails: the guest runs to its end, or a line says why not",
        arguments: Flavour.built, FaultyLaunch.allCases)
    func anyCallFails(flavour: Flavour, launch: FaultyLaunch) throws {
        let namespace = try Namespace(taps: 3)
        let places = try (0..<3).map { try FaultyLaunch.Place(index: $0, in: namespace) }
        let calls = try launch.calls(flavour, in: places[0])
        let console = try FaultyLaunch.console(calls)
        let attempts = calls.filter { $0.canFail }.flatMap { call in
            Self.errors.map { (call, call.failing(with: $0)) }
        }
        #expect(attempts.count > 500)
        let complaints = try attempts.complaints(in: places) { attempt, place in
            let (call, injection) = attempt
            let outcome = try launch.run(
                flavour, in: place, under: injection.command(trace: place.trace))
            return launch.complaint(outcome, injection, call, console: console)
        }
        #expect(complaints.isEmpty, "\(complaints.prefix(20).joined(separator: "\n"))")
        withExtendedLifetime(namespace) {}
    }

    @Test(
        "SIGTERM or SIGINT at any system call: a prompt end, and nothing is left",
        arguments: Flavour.built, FaultyLaunch.allCases)
    func anyCallIsInterrupted(flavour: Flavour, launch: FaultyLaunch) throws {
        let (signal, number) = flavour == .release ? ("TERM", SIGTERM) : ("INT", SIGINT)
        let namespace = try Namespace(taps: 3)
        let places = try (0..<3).map { try FaultyLaunch.Place(index: $0, in: namespace) }
        let all = try launch.calls(flavour, in: places[0])
        // Signals to a process go to the thread that handles them, which is the first one.
        let calls = all.filter { $0.canFail && $0.thread == all.first?.thread }
        let handled = try #require(
            calls.firstIndex { $0.text.hasPrefix("rt_sigaction(SIG\(signal),") })
        // From here on a Hermit guest may have come to its end, and that counts.
        let waiting = calls.firstIndex { $0.name == "ppoll" } ?? calls.count
        #expect(calls.count > 50)
        let complaints = try Array(calls.enumerated()).complaints(in: places) { call, place in
            let (index, call) = call
            let injection = call.interrupted(by: signal)
            let outcome = try launch.run(
                flavour, in: place, under: injection.command(trace: place.trace))
            let child = outcome.child
            let hasEnded =
                (number == SIGTERM ? child.status == 1 : child.signal == number)
                && child.error == "pinnace: Exiting on signal \(number)\n"
            let happened = injection.happened(outcome.trace)
            guard happened || index >= waiting || call.dependsOnPolicy else {
                return "\(injection): the call was not made"
            }
            let isAllowed =
                index <= handled
                ? hasEnded || child.signal == number
                : hasEnded
                    || (launch == .hermit && index >= waiting || !happened) && outcome.isSuccess
            guard isAllowed else { return "\(injection): \(child.summary)" }
            return (outcome.leftovers.isEmpty ? launch.objection(to: outcome) : "left something")
                .map { "\(injection): \($0)" }
        }
        #expect(complaints.isEmpty, "\(complaints.prefix(20).joined(separator: "\n"))")
        withExtendedLifetime(namespace) {}
    }

    @Test(
        "No memory from any point on: nothing is left of a Hermit guest's directory",
        arguments: Flavour.built)
    func noMemoryFromSomewhereOn(flavour: Flavour) throws {
        let namespace = try Namespace(taps: 3)
        let places = try (0..<3).map { try FaultyLaunch.Place(index: $0, in: namespace) }
        let launch = FaultyLaunch.hermit
        let calls = try launch.calls(flavour, in: places[0])
        let made = try #require(calls.firstIndex { $0.name == "mkdirat" })
        let maps = calls[made...].filter { $0.name == "mmap" }.map { $0.occurrence }
        // Not what the C library has made of it before `main`.
        let first = try #require(calls.first { $0.name == "brk" })
        let heap =
            calls[..<made].last { $0.name == "brk" }.map { $0.occurrence + 1 } ?? first.occurrence
        #expect(maps.count > 2)
        let complaints = try maps.complaints(in: places) { map, place in
            let outcome = try launch.run(
                flavour, in: place,
                under: [
                    "strace", "-f", "-qq", "-o", place.trace, "-e", "trace=brk,mmap",
                    "-e", "inject=brk:retval=0:when=\(heap)+",
                    "-e", "inject=mmap:error=ENOMEM:when=\(map)+",
                ])
            let isInOrder =
                outcome.child.status == 1 && outcome.child.error.hasPrefix("pinnace: ")
                && outcome.child.error.contains("memory")
            return isInOrder && outcome.leftovers.isEmpty
                ? nil : "mmap \(map): \(outcome.leftovers) \(outcome.child)"
        }
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
        withExtendedLifetime(namespace) {}
    }

    @Test("Neither brk nor mmap has memory for the sandbox", arguments: Flavour.built)
    func noMemory(flavour: Flavour) throws {
        let namespace = try Namespace()
        let place = try FaultyLaunch.Place(index: 0, in: namespace)
        let launch = FaultyLaunch.solo5
        let calls = try launch.calls(flavour, in: place)
        let brk = try #require(calls.last { $0.name == "brk" })
        let map = try #require(calls.last { $0.name == "mmap" })
        let outcome = try launch.run(
            flavour, in: place,
            under: [
                "strace", "-f", "-qq", "-o", place.trace, "-e", "trace=brk,mmap",
                "-e", "inject=brk:retval=0:when=\(brk.occurrence)+",
                "-e", "inject=mmap:error=ENOMEM:when=\(map.occurrence + 1)+",
            ])
        #expect(outcome.child.status == 1)
        #expect(
            outcome.child.error
                == "pinnace: Could not set up the sandbox: memory: Cannot allocate memory (no more "
                + "memory: a limit by ulimit -v or -d, a cgroup's, or vm.overcommit_memory=2)\n")
        withExtendedLifetime(namespace) {}
    }
}

extension TracedCall {
    /// Of a Hermit guest's tender: the first thread need not wait for a guest that is fast, and may
    /// have ended the process when a vCPU's thread signals that it will do nothing more.
    fileprivate var dependsOnSpeed: Bool {
        name == "ppoll" || name == "write" && text.contains(#""\1\0\0\0\0\0\0\0", 8"#)
    }

    /// strace's own filter (`Injection.command`) is a policy that the tender is started under and asks
    /// about, which takes some of the heap; so do the names of a test's own files. So the heap may grow
    /// at other times.
    fileprivate var dependsOnPolicy: Bool { name == "brk" || name == "madvise" }

    /// Whether it can fail in a way that anybody could answer for, and fails each time the same.
    var canFail: Bool {
        switch name {
        // These do not return, or return elsewhere.
        case "exit_group", "pause", "rt_sigreturn": false
        // On memory of one's own this fails only in ways that are part of its work. strace counts a
        // thread's calls, so it would also fail those that wake others, which ends the C library.
        case "futex": false
        // This one can't, and the C library relies on that.
        case "getpid": false
        // How often the first thread waits for others depends on which of them is faster.
        case "ppoll", "read": occurrence == 1
        default: true
        }
    }
}

extension ChildProcess.Outcome {
    /// For people to read.
    fileprivate var summary: String {
        let end = status.map { "status \($0)" } ?? signal.map { "signal \($0)" } ?? "no end"
        return "\(timedOut ? "time is up, " : "")\(end)\n\(output)\(error)"
    }
}

extension FaultyLaunch.Outcome {
    /// Whether the guest has come to its end, as all can read.
    fileprivate var isSuccess: Bool {
        child.status == 0 && child.output.hasSuffix("SUCCESS\n") && child.error.isEmpty
    }

    /// What is wrong with it after a system call has failed.
    ///
    /// - Parameter isConsole: whether that call was one for the guest's console, which may be cut off
    ///   then.
    fileprivate func objection(isConsole: Bool) -> String? {
        let isOneLine =
            child.error.hasPrefix("pinnace: ") && child.error.hasSuffix("\n")
            && child.error.dropLast().allSatisfy { !$0.isNewline }
        let isAboutLoss =
            isConsole && isOneLine
            && child.error.contains(" bytes of the guest's output were lost: ")
        let isAboutLeftovers = isOneLine && child.error.contains("Could not remove")
        // Of a guest that a file operation has failed for.
        let wasGuestTold = child.output.contains("\nFAILURE: ") && child.error.isEmpty
        let isEndFit =
            child.status == 0
            ? (child.error.isEmpty || isAboutLeftovers || isAboutLoss)
                && (isConsole || child.output.hasSuffix("SUCCESS\n"))
            : child.status == 1 && (isOneLine || wasGuestTold)
        guard isEndFit else { return child.summary }
        return leftovers.isEmpty || isAboutLeftovers ? nil : "left something: \(child.summary)"
    }
}

extension FaultyLaunch.Outcome {
    /// Calls without which there would be less of a sandbox than promised.
    private static let indispensable = [
        "landlock_", "capset(", "prctl(PR_SET_NO_NEW_PRIVS", "prctl(PR_SET_DUMPABLE",
    ]

    /// What is wrong with a guest that has run although this call has failed.
    fileprivate func objection(toSandboxWithout call: TracedCall) -> String? {
        guard child.status == 0 else { return nil }
        if Self.indispensable.contains(where: { call.text.hasPrefix($0) }) {
            return "the sandbox lacks something"
        }
        if call.name == "close_range" {
            return hasClosedRest ? nil : "what was left open has not been closed"
        }
        // libseccomp tries what the kernel has, and would do without.
        guard call.name == "seccomp" else { return nil }
        let holdsForAll = TracedCall.all(in: trace).contains {
            $0.text.contains("FILTER_FLAG_TSYNC") && $0.text.contains("{len=")
                && $0.text.hasSuffix("= 0")
        }
        return holdsForAll ? nil : "the filter is not one for all threads"
    }

    /// Whether all open descriptors were closed, but for some: by one call, after /proc was asked for
    /// their numbers, or up to the limit. If that is higher, there is a warning, which is an objection.
    private var hasClosedRest: Bool {
        let calls = TracedCall.all(in: trace)
        let isClosedAtOnce = calls.contains {
            // A range of no descriptor is a question whether the call can be made.
            $0.name == "close_range" && !$0.text.hasPrefix("close_range(4294967295,")
                && $0.text.contains(", 4294967295, 0)") && $0.text.hasSuffix(" = 0")
        }
        if isClosedAtOnce { return true }
        let listings = calls.filter { $0.text.contains(#", "/proc/self/fd", "#) }
            .compactMap { $0.text.split(separator: " ").last }
        let isListed = listings.contains { listing in
            let reads = calls.filter { $0.text.hasPrefix("getdents64(\(listing),") }
            return reads.count > 1 && reads.last?.text.hasSuffix(" = 0") == true
        }
        if isListed { return true }
        let closed = Set(calls.filter { $0.name == "close" }.map { $0.text.prefix { $0 != ")" } })
        return (20..<256).allSatisfy { closed.contains("close(\($0)") }
    }
}

extension FaultyLaunch {
    /// The descriptor, among these calls, that the guest's console is.
    static func console(_ calls: [TracedCall]) throws -> String {
        let call = calls.first { $0.name == "openat" && $0.text.contains("/proc/self/fd/1") }
        return String(try #require(call?.text.split(separator: " ").last))
    }

    /// What is wrong with a run in which this call has failed.
    func complaint(
        _ outcome: Outcome, _ injection: Injection, _ call: TracedCall, console: String
    ) -> String? {
        guard
            injection.happened(outcome.trace)
                || call.dependsOnPolicy || self == .hermit && call.dependsOnSpeed
        else { return "\(injection): the call was not made" }
        // strace counts each thread's calls. The first one's writes the filter, and a vCPU's to the console.
        let isConsole =
            call.text.hasPrefix("write(\(console),")
            || self == .hermit && call.name == "write" && call.occurrence == 1
        let objection =
            outcome.objection(isConsole: isConsole) ?? outcome.objection(toSandboxWithout: call)
            ?? objection(to: outcome)
        return objection.map { "\(injection): \($0)" }
    }

    /// What is wrong between what the guest says and what is in its files.
    fileprivate func objection(to outcome: Outcome) -> String? {
        guard self == .solo5 else { return nil }
        let block = outcome.disk.prefix(512)
        let isWritten = block.allSatisfy { $0 == UInt8(ascii: "A") }
        let isUntouched = block.allSatisfy { $0 == 0 }
        let output = outcome.child.output
        let isRight =
            if output.contains("block write result=0\n") {
                isWritten
            } else if output.contains("block write result=") {
                isUntouched
            } else {
                isWritten || isUntouched
            }
        guard isRight, outcome.disk.dropFirst(512).allSatisfy({ $0 == 0 }) else {
            return "the disk is not what the guest was told: \(output)"
        }
        return nil
    }
}
