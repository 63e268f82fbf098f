import Foundation
import TestSupport
import Testing

@testable import Poll
@testable import Tender

/// How long POLL waits: never less than was asked, unless a device is ready.
struct TimeoutTests {
    private let reader: Descriptor
    private let writer: Descriptor

    init() throws {
        (reader, writer) = try Descriptor.pipe()
    }

    /// One without devices, one with a device that is not ready.
    private func guests() throws -> [Guest] {
        [try Guest(), try Guest([(reader, handle: 1)])]
    }

    @Test(
        "attack 12: shortest waits", arguments: [0, 1, 999, 1000, 999_999, 1_000_001] as [UInt64])
    func shortOnesEnd(_ timeout: UInt64) throws {
        for guest in try guests() { #expect(try guest.poll(timeout) == .none) }
    }

    @Test func waitsAsLongAsAsked() throws {
        for guest in try guests() {
            let clock = ContinuousClock()
            let start = clock.now
            #expect(try guest.poll(20 * millisecond) == .none)
            #expect(clock.now - start >= .milliseconds(20))
        }
    }

    @Test func waitsForMoreThanASecond() throws {
        for guest in try guests() {
            let clock = ContinuousClock()
            let start = clock.now
            #expect(try guest.poll(1_000_000_001) == .none)
            #expect(clock.now - start >= .nanoseconds(1_000_000_001))
        }
    }

    @Test func signalsDoNotShortenIt() throws {
        for guest in try guests() {
            let signals = Interruptions(every: 1000)
            let clock = ContinuousClock()
            let start = clock.now
            #expect(try guest.poll(50 * millisecond) == .none)
            #expect(clock.now - start >= .milliseconds(50))
            try signals.stop()
        }
    }

    @Test func waitingTakesNoProcessorTime() throws {
        for guest in try guests() {
            let start = processorTime()
            #expect(try guest.poll(200 * millisecond) == .none)
            #expect(processorTime() - start < 100 * millisecond)
        }
    }

    /// The largest numbers there are; also those that wrap around as a signed number, or added to
    /// the time of day.
    @Test(
        "attack 12: longest waits",
        arguments: [.max, .max - 1, 1 << 63, 1 << 63 - 1, 60_000 * millisecond] as [UInt64])
    func readinessEndsLongOnes(_ timeout: UInt64) throws {
        let guest = try Guest([(reader, handle: 3)])
        let writer = writer
        let late = Background {
            usleep(20_000)
            try writer.write([1])
        }
        #expect(try guest.poll(timeout) == .handles(3))
        try late.join()
    }

    @Test func readinessEndsInterruptedOnes() throws {
        let guest = try Guest([(reader, handle: 3)])
        let writer = writer
        let signals = Interruptions(every: 1000)
        let late = Background {
            while signals.count < 20 { usleep(1000) }
            try writer.write([1])
        }
        #expect(try guest.poll(.max) == .handles(3))
        try signals.stop()
        try late.join()
    }

    /// As a debugger does, or whoever wants a core file.
    @Test func whoWantsTheGuestGetsIt() throws {
        for guest in try guests() {
            let point = guest.launch.interruptionPoint
            var askedFor = 0
            point.deal = {
                askedFor += 1
                return askedFor > 1 ? 3 : nil
            }
            point.wait.interrupt()
            #expect(try guest.poll(20 * millisecond) == .none)
            #expect(askedFor == 1)
            point.wait.interrupt()
            try guest.memory.place(UInt64.max, at: Guest.argument)
            guard case .halt(let halt) = try guest.serve(argument: Guest.argument) else {
                Issue.record("it goes on")
                continue
            }
            #expect(halt.exitStatus == 3 && askedFor == 2)
        }
    }
}
