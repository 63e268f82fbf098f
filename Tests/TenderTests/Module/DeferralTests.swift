import Linux
import Testing

@testable import Tender

/// What a module puts off.
@Suite struct DeferralTests {
    private final class Work {
        var count = 0
    }

    private let work = Work()
    private let deferral: Deferral

    init() throws {
        let work = work
        deferral = try Deferral(following: [6, 7]) { work.count += 1 }
    }

    @Test func onceForAllThatWasPutOff() {
        deferral.finish()
        #expect(work.count == 0)
        deferral.putOff()
        deferral.putOff()
        deferral.finish()
        deferral.finish()
        #expect(work.count == 1)
        deferral.putOff()
        deferral.interrupted()
        deferral.interrupted()
        #expect(work.count == 2)
    }

    /// Also numbers that no module has: the guest chooses them.
    @Test(arguments: [0, 1, 5, 6, 7, 8, 31, 32, 63, 64, -1, .max, .min])
    func beforeHypercalls(number: Int) {
        deferral.putOff()
        deferral.finish(before: number)
        #expect(work.count == ([6, 7].contains(number) ? 0 : 1))
        deferral.finish()
        #expect(work.count == 1)
    }

    @Test func theTimerGoesWhileItIsOfUse() {
        #expect(!deferral.isTimed)
        deferral.putOff()
        deferral.finish()
        deferral.putOff()
        deferral.interrupted()
        #expect(work.count == 2)
        // What is put off soon after that needs no call to start it.
        #expect(deferral.isTimed)
        deferral.interrupted()
        #expect(!deferral.isTimed)
        deferral.interrupted()
        deferral.putOff()
        #expect(deferral.isTimed)
    }

    /// The timer interrupts what the thread does, again and again until it is of no use.
    @Test func theTimerInterrupts() throws {
        let deferral = try Deferral(following: []) {}
        let wait = InterruptibleWait()
        deferral.putOff()
        for _ in 0..<3 {
            // An hour.
            #expect(wait.sleep(nanoseconds: 3_600_000_000_000) != nil)
            deferral.putOff()
            deferral.interrupted()
        }
        deferral.interrupted()
        // One may be on its way.
        _ = wait.sleep(nanoseconds: 1)
        #expect(wait.sleep(nanoseconds: 20_000_000) == nil)
    }
}
