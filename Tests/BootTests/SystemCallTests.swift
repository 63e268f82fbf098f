import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// How many system calls a hypercall takes: counted with strace, in runs that differ by 100
/// hypercalls.
@Suite("System calls", .boots, .needs(Host.missing("strace"))) struct SystemCallTests {
    @Test("Without a network", arguments: Flavour.built, HotCall.withoutNetwork)
    func withoutNetwork(flavour: Flavour, call: HotCall) throws {
        let counts = try perHundred(call, flavour)
        #expect(counts == expected(call))
    }

    @Test("With a tap", .usesTaps, arguments: Flavour.built, HotCall.withTaps)
    func withTap(flavour: Flavour, call: HotCall) throws {
        let counts = try perHundred(call, flavour)
        #expect(counts == expected(call))
    }

    @Test(
        "A ring that is handed over takes fewer exits than frames", .usesTaps, .needs(Self.oneCPU),
        arguments: Flavour.built)
    func handedOver(flavour: Flavour) throws {
        // Where others have the second CPU all the time, the ring stays with the vCPU.
        let isHandedOver = try (0..<5).contains { _ in
            let counts = try count(.withWorker, 20_000, flavour)
            return counts["timer_settime", default: 0] > 0 && counts["ioctl", default: 0] < 20_000
        }
        #expect(isHandedOver)
    }

    private static let oneCPU =
        ProcessInfo.processInfo.activeProcessorCount < 2 ? "this process has but one CPU" : nil

    @Test("Every wait is one, and needs no descriptor", arguments: Flavour.built)
    func waits(flavour: Flavour) throws {
        let outcome = try Shell.run(
            "strace -f -o /dev/stderr \(Shell.quoted([flavour.path, "run", Host.guest("poll")]))")
        #expect(outcome.status == 0)
        let counts = counts(outcome.error)
        // The guest waits for 0, 1, 999, 1000000 and 50000000 nanoseconds.
        #expect(counts["clock_nanosleep"] == 4)
        #expect(counts["timerfd_create"] == nil)
    }

    private func expected(_ call: HotCall) -> [String: Int] {
        var expected = ["ioctl": 100]
        if let name = call.systemCall { expected[name] = 100 }
        return expected
    }

    /// What 100 hypercalls add.
    private func perHundred(_ call: HotCall, _ flavour: Flavour) throws -> [String: Int] {
        let few = try count(call, 100, flavour)
        let many = try count(call, 200, flavour)
        return many.merging(few, uniquingKeysWith: -).filter { $0.value != 0 }
    }

    private func count(_ call: HotCall, _ count: Int, _ flavour: Flavour) throws -> [String: Int] {
        let trace = try call.run(
            flavour.path, count: count, under: "strace -f -o trace", afterwards: "cat trace")
        // Until then not all runs make as many: the C library reads /proc/self/maps, the length of
        // which depends on where things came to lie.
        let start = try #require(trace.range(of: ", KVM_RUN,"))
        return counts(String(trace[start.upperBound...]))
    }

    /// How often each call is in strace's lines: a process, a name, and a parenthesis.
    private func counts(_ trace: String) -> [String: Int] {
        trace.matches(of: /(?m)^[0-9]+ +([0-9a-z_]+)\(/)
            .reduce(into: [:]) { counts, line in counts[String(line.1), default: 0] += 1 }
    }
}
