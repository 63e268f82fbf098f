import TestSupport
import Testing

@testable import BootSupport

/// Every call that the back end makes fails once, in each way: a guest runs as if nothing had been, or is
/// refused in order.
@Suite("Faults of the Microsoft Hypervisor") struct MSHVFaultTests {
    /// The kinds of calls, and how many of each a launch of the guest `hello` makes at most.
    private static let calls = [
        "open": 1, "createPartition": 1, "initializePartition": 1, "createVP": 1,
        "setGuestMemory": 12, "hypercall": 100, "run": 6,
    ]

    private static let faults = calls.sorted { $0.key < $1.key }.flatMap { call, count in
        // Most hypercalls are alike.
        stride(from: 1, through: count, by: count > 20 ? 7 : 1).flatMap { number in
            ["EINTR", "EAGAIN", "ENOMEM", "EINVAL"].map { "\(call):\(number):\($0)" }
        }
    }

    private func isSuccess(_ outcome: ChildProcess.Outcome) -> Bool {
        outcome.status == 0 && outcome.output.contains("SUCCESS") && outcome.error.isEmpty
    }

    @Test("One call fails", .boots, arguments: MSHVPlace.possible, faults)
    func one(place: MSHVPlace, fault: String) throws {
        let outcome = try place.run("hello", ["Hello_Solo5"], faults: fault)
        if isSuccess(outcome) { return }
        #expect(outcome.status == 1, "\(outcome)")
        // One line, which says what failed.
        let lines = outcome.error.split(separator: "\n")
        #expect(lines.count == 1 && outcome.error.hasPrefix("pinnace: "), "\(outcome.error)")
        // A call that a signal interrupted is made again, and so is a run or hypercall that is to be; but
        // nothing interrupts the opening of a device.
        if fault.hasPrefix("open") { return }
        #expect(!fault.hasSuffix("EINTR"), "\(outcome.error)")
        if fault.hasPrefix("run") || fault.hasPrefix("hypercall") {
            #expect(!fault.hasSuffix("EAGAIN"), "\(outcome.error)")
        }
    }

    /// What a hypervisor may do at any time.
    @Test(
        "Without harm", .boots, arguments: MSHVPlace.possible,
        [
            "memory:1", "memory:5", "short:1", "short:3", "invalid:1-1", "invalid:2-3",
            "invalid:1-1000", "nopages", "run:1:EINTR,run:2:EINTR,run:3:EAGAIN",
            "nopages,short:2,memory:9",
        ])
    func harmless(place: MSHVPlace, fault: String) throws {
        for guest in ["hello", "time", "exit"] {
            let healthy = try place.run(guest, ["Hello_Solo5"])
            let outcome = try place.run(guest, ["Hello_Solo5"], faults: fault)
            #expect(outcome.status == healthy.status, "\(guest): \(outcome)")
            #expect(outcome.error == healthy.error)
        }
    }

    @Test("A message of an unknown type", .boots, arguments: MSHVPlace.possible)
    func unknownMessage(place: MSHVPlace) throws {
        let outcome = try place.run("hello", ["Hello_Solo5"], faults: "unknown:1")
        #expect(outcome.status == 1)
        #expect(outcome.error.contains("8001ffff"), "\(outcome.error)")
    }
}
