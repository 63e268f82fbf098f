import CLinux
import Synchronization
import TestSupport
import Testing

@testable import Linux

/// Waits that end early only if they are to, and then always.
struct InterruptibleWaitTests {
    private let wait = InterruptibleWait()
    /// Longer than any of these tests should take, in nanoseconds.
    private let long: UInt64 = 60_000_000_000

    @Test(arguments: [0, 1, 1_000_000, 20_000_000] as [UInt64])
    func takesItsTime(_ nanoseconds: UInt64) {
        var none: [pollfd] = []
        let clock = ContinuousClock()
        let start = clock.now
        #expect(wait.sleep(nanoseconds: nanoseconds) == nil)
        #expect(clock.now - start >= .nanoseconds(Int64(nanoseconds)))
        #expect(wait.poll(&none, upTo: nanoseconds) == .timeout)
        #expect(clock.now - start >= .nanoseconds(2 * Int64(nanoseconds)))
    }

    @Test func signalsInterruptIt() throws {
        var none: [pollfd] = []
        let signals = Interruptions(every: 1000)
        let left = wait.sleep(nanoseconds: long)
        let end = wait.poll(&none, upTo: long)
        try signals.stop()
        #expect(try #require(left) < long)
        #expect(end == .interrupted)
    }

    @Test func whatIsReadyEndsIt() throws {
        let (reader, writer) = try Descriptor.pipe()
        try writer.write([1])
        var requests = [pollfd(fd: reader.number, events: Int16(POLLIN), revents: 0)]
        #expect(wait.poll(&requests, upTo: long) == .ready)
        #expect(Int32(requests[0].revents) == POLLIN)
    }

    @Test func interruptedBeforeItBegins() {
        var none: [pollfd] = []
        wait.interrupt()
        wait.interrupt()
        #expect(wait.sleep(nanoseconds: long) == long)
        #expect(wait.sleep(nanoseconds: 1) == nil)
        wait.interrupt()
        #expect(wait.poll(&none, upTo: long) == .interrupted)
        #expect(wait.poll(&none, upTo: 1) == .timeout)
    }

    /// At any moment about when it begins.
    @Test(arguments: [false, true]) func noInterruptionIsLost(polls: Bool) throws {
        let rounds = 2000
        // Has signals interrupt, for this thread.
        try Interruptions(every: 1000).stop()
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGUSR1)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        defer { pthread_sigmask(SIG_BLOCK, &signals, nil) }

        let round = Round()
        let target = pthread_self()
        let wait = wait
        let other = Background {
            for number in 1...rounds {
                while round.number.load(ordering: .acquiring) < number {}
                for _ in 0..<number % 100 { _ = round.number.load(ordering: .acquiring) }
                wait.interrupt()
                pthread_kill(target, SIGUSR1)
            }
        }
        var lost = 0
        var none: [pollfd] = []
        for number in 1...rounds {
            round.number.store(number, ordering: .releasing)
            if polls {
                if wait.poll(&none, upTo: long) != .interrupted { lost += 1 }
            } else if wait.sleep(nanoseconds: long) == nil {
                lost += 1
            }
        }
        try other.join()
        #expect(lost == 0)
    }

    private final class Round: Sendable {
        let number = Atomic(0)
    }
}
