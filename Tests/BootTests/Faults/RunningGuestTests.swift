import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// What a guest that runs is told when the host fails, and what is in its disk then.
@Suite("Faults of the host while a guest runs", .usesTaps, .needs(Host.missing("strace")))
struct RunningGuestTests {
    /// A call that fails while guest `once` runs.
    struct Fault: Sendable, CustomTestStringConvertible {
        /// How the call begins, as strace writes it; the last one that does is meant.
        let call: String
        let effect: Injection.Effect
        /// What is in the guest's output, or in the line that the tender ends with.
        var output: [String] = []
        var error = ""
        /// Why some of the guest's output is lost, if some is.
        var loss = ""
        /// How the tender makes up for it.
        var trace = ""
        var isWritten = true

        var testDescription: String { "\(call): \(effect)" }
    }

    private static let success = "SUCCESS\n"

    static let disk: [Fault] =
        [
            .init(
                call: "pwrite64(", effect: .error("EINTR"),
                output: ["block write result=0\n", success], trace: "512, 0) = 512"),
            // Calls that move a part only are not made here, so that part is not in the file.
            .init(
                call: "pwrite64(", effect: .result(100),
                output: ["block write result=0\n", success],
                trace: "412, 100) = 412", isWritten: false),
            .init(
                call: "pwrite64(", effect: .result(0), output: ["block write result=3\n", success],
                isWritten: false),
            .init(
                call: "pread64(", effect: .error("EINTR"),
                output: ["block read result=0 first=A last=A\n", success], trace: "512, 0) = 512"),
            .init(
                call: "pread64(", effect: .result(100),
                output: ["block read result=0 first=0 last=A\n", success], trace: "412, 100) = 412"),
            .init(
                call: "pread64(", effect: .result(0),
                output: ["block read result=3 first=0 last=0\n", success]),
        ]
        + ["EIO", "ENOSPC", "EDQUOT", "EAGAIN", "ENOMEM", "EFBIG", "EPERM"].map {
            .init(
                call: "pwrite64(", effect: .error($0),
                output: ["block write result=3\n", "first=0 last=0\n", success],
                isWritten: false)
        }
        + ["EIO", "EAGAIN", "ENOMEM"].map {
            .init(
                call: "pread64(", effect: .error($0),
                output: ["block read result=3 first=0 last=0\n", success])
        }

    static let network: [Fault] =
        ["EIO", "EAGAIN", "ENOBUFS", "ENOMEM"].flatMap { error -> [Fault] in
            [
                .init(
                    call: "write(TAP", effect: .error(error),
                    output: ["net write result=0\n", success]),
                .init(
                    call: "read(TAP", effect: .error(error),
                    output: ["net read result=1\n", success]),
            ]
        } + [
            .init(
                call: "write(TAP", effect: .error("EINTR"),
                // With a virtio header of 10 bytes, as below.
                output: ["net write result=0\n", success], trace: "70) = 70"),
            .init(
                call: "write(TAP", effect: .error("EBADFD"),
                output: ["net write result=3\n", success]),
            .init(
                call: "read(TAP", effect: .error("EINTR"), output: ["net read result=", success],
                trace: "65563)"),
            .init(
                call: "read(TAP", effect: .error("EBADFD"),
                output: ["net read result=3\n", success]),
            .init(call: "ppoll(", effect: .error("EINTR"), output: ["poll result=", success]),
            .init(call: "ppoll(", effect: .error("ENOMEM"), output: ["poll result=0\n", success]),
        ]

    static let console: [Fault] = [
        .init(
            call: "write(CONSOLE, \"net write", effect: .error("EINTR"),
            output: ["net write result=0\nnet read", success]),
        .init(
            call: "write(CONSOLE, \"net write", effect: .error("EAGAIN"),
            output: ["net write result=0\nnet read", success]),
        // A part is written, and then the rest.
        .init(
            call: "write(CONSOLE, \"net write", effect: .result(4),
            output: ["last=A\nwrite result=0\nnet read", success]),
        .init(
            call: "write(CONSOLE, \"net write", effect: .error("ENOSPC"),
            output: ["last=A\nnet read result=", success],
            loss: "No space left on device"),
        .init(
            call: "write(CONSOLE, \"net write", effect: .error("EIO"), output: ["last=A\n"],
            loss: "Input/output error"),
    ]

    static let processor: [Fault] =
        [.init(call: "ioctl(", effect: .error("EINTR"), output: [success])]
        + [
            ("EAGAIN", "KVM: run the guest: Resource temporarily unavailable"),
            ("ENOMEM", "KVM: run the guest: Cannot allocate memory"),
            ("EIO", "KVM: run the guest: Input/output error"),
            ("EFAULT", "KVM: host/guest translation fault: rip=0x"),
        ].map { .init(call: "ioctl(", effect: .error($0.0), output: [success], error: $0.1) }

    @Test(
        "A guest gets the error that is documented, or the tender says why it ends",
        arguments: Flavour.built, [Self.disk, Self.network, Self.console, Self.processor])
    func faults(flavour: Flavour, faults: [Fault]) throws {
        let namespace = try Namespace()
        let place = try FaultyLaunch.Place(index: 0, in: namespace)
        let calls = try FaultyLaunch.solo5.calls(flavour, in: place)
        for fault in faults { try check(fault, calls, flavour, place) }
        withExtendedLifetime(namespace) {}
    }

    private func check(
        _ fault: Fault, _ calls: [TracedCall], _ flavour: Flavour, _ place: FaultyLaunch.Place
    ) throws {
        let beginning = fault.beginning(in: calls)
        let call = try #require(calls.last { $0.text.hasPrefix(beginning) })
        let injection = Injection(
            call: call.name, occurrence: call.occurrence, effect: fault.effect)
        // Which number the call has may differ from run to run: before `main`, the C library reads the
        // list of mappings, whose size does.
        var outcome: FaultyLaunch.Outcome
        var runs = 0
        repeat {
            outcome = try FaultyLaunch.solo5.run(
                flavour, in: place, under: injection.command(trace: place.trace))
            runs += 1
        } while !outcome.hasInjected(beginning) && runs < 20
        let child = outcome.child
        let comment = Comment(rawValue: "\(fault.testDescription): \(child.output)\(child.error)")
        #expect(outcome.hasInjected(beginning), comment)
        for text in fault.output { #expect(child.output.contains(text), comment) }
        if !fault.loss.isEmpty {
            #expect(child.status == 0, comment)
            let told = " bytes of the guest's output were lost: \(fault.loss)\n"
            #expect(child.error.hasSuffix(told), comment)
        } else if fault.error.isEmpty {
            #expect(child.status == 0 && child.error.isEmpty, comment)
        } else {
            #expect(child.status == 1, comment)
            // What is explained further is in lines that are indented.
            let lines = child.error.split(separator: "\n")
            #expect(lines.first?.hasPrefix("pinnace: \(fault.error)") == true, comment)
            #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  ") }, comment)
        }
        if !fault.trace.isEmpty { #expect(outcome.trace.contains(fault.trace), comment) }
        #expect(outcome.disk.first == (fault.isWritten ? UInt8(ascii: "A") : 0), comment)
    }

    @Test("SIGKILL at any time: what a guest was told is written, is", arguments: Flavour.built)
    func killed(flavour: Flavour) throws {
        let directory = try TemporaryDirectory()
        let size = 16384
        let options = ["--mem=2", "--block:storage=\(directory.path("disk"))"]
        func run(_ injection: Injection?) throws -> ChildProcess.Outcome {
            try directory.write([UInt8](repeating: 0, count: size), to: "disk")
            let trace = directory.path("trace")
            let watch =
                injection?.command(trace: trace) ?? ["strace", "-f", "-qq", "-o", trace]
            return try ChildProcess(
                "/usr/bin/env",
                watch + [flavour.path, "run"] + options + [Host.guest("block")]
            ).wait()
        }
        #expect(try run(nil).status == 0)
        let trace = try String(contentsOfFile: directory.path("trace"), encoding: .utf8)
        let calls = TracedCall.all(in: trace).drop { !$0.text.contains("KVM_RUN") }
        #expect(calls.count { $0.name == "pwrite64" } >= 5)
        // The transfers of the guest, in order. It says what it is about to do.
        let transfers = [(0, 512), (size - 512, 512), (size - 4096, 4096), (0, 4096)]
        for call in calls where call.name != "exit_group" {
            let outcome = try run(call.interrupted(by: "KILL"))
            #expect(outcome.signal == SIGKILL)
            let disk = try directory.read("disk")
            let begun = outcome.output.matches(of: /transfer offset=/).count
            let done = outcome.output.contains("unaligned") ? begun : max(0, begun - 1)
            for (offset, count) in transfers.prefix(done) {
                for place in stride(from: offset, to: offset + count, by: 8) {
                    // An unaligned write at the end of all puts the same there.
                    let word = disk[place..<(place + 8)].reversed().reduce(UInt64(0)) {
                        $0 << 8 | UInt64($1)
                    }
                    guard word == UInt64(place) ^ 0x5A17_ED0D_DBA1_1CA7 else {
                        Issue.record("killed at \(call.text): at \(place), \(word)")
                        return
                    }
                }
            }
        }
    }
}

extension FaultyLaunch.Outcome {
    /// Whether what strace did was done to a call that begins like this.
    fileprivate func hasInjected(_ beginning: String) -> Bool {
        TracedCall.all(in: trace).contains {
            $0.text.hasPrefix(beginning) && $0.text.contains("(INJECTED)")
        }
    }
}

extension RunningGuestTests.Fault {
    /// How the call begins, the descriptors being those of this launch.
    fileprivate func beginning(in calls: [TracedCall]) -> String {
        func number(of path: String) -> String {
            let opening = calls.last { $0.name == "openat" && $0.text.contains(path) }
            return opening?.text.split(separator: " ").last.map { String($0) } ?? "?"
        }
        return call.replacingOccurrences(of: "TAP", with: number(of: "/dev/net/tun"))
            .replacingOccurrences(of: "CONSOLE", with: number(of: "/proc/self/fd/1"))
    }
}
