import CLinux
import Testing

@testable import Linux

@Suite struct TimeTests {
    @Test(arguments: [
        (UInt64(0), 0, 0), (1, 0, 1), (999_999_999, 0, 999_999_999), (1_000_000_000, 1, 0),
        (UInt64.max, 18_446_744_073, 709_551_615),
    ])
    func anyNumberOfNanosecondsIsALengthOfTime(
        nanoseconds: UInt64, seconds: Int, rest: Int
    ) {
        let time = timespec(nanoseconds: nanoseconds)
        #expect(time.tv_sec == seconds)
        #expect(time.tv_nsec == rest)
    }

    @Test func theEndOfTimeIsTheLatestDeadline() {
        #expect(Deadline(after: .max).remaining > UInt64.max / 2)
        #expect(Deadline(after: 0).remaining == 0)
    }

    @Test func sleepsNoLessThanItWasTold() {
        var before = timespec()
        var after = timespec()
        clock_gettime(CLOCK_MONOTONIC, &before)
        sleep(nanoseconds: 2_000_000)
        clock_gettime(CLOCK_MONOTONIC, &after)
        let elapsed =
            (after.tv_sec - before.tv_sec) * 1_000_000_000 + after.tv_nsec - before.tv_nsec
        #expect(elapsed >= 2_000_000)
    }
}
