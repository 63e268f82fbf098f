import CLinux
import TestSupport
import Testing

@testable import Linux

/// Lengths of time and moments.
struct TimeTests {
    @Test(
        arguments: [
            (0, 0, 0), (1, 0, 1), (999_999_999, 0, 999_999_999), (1_000_000_000, 1, 0),
            (1_000_000_001, 1, 1), (.max, 18_446_744_073, 709_551_615),
        ] as [(UInt64, Int, Int)])
    func anyLengthFits(_ nanoseconds: UInt64, seconds: Int, rest: Int) {
        let time = timespec(nanoseconds: nanoseconds)
        #expect(time.tv_sec == seconds && time.tv_nsec == rest)
        #expect(time.nanoseconds == nanoseconds)
    }

    @Test func deadlineComesCloser() {
        let length: UInt64 = 3_600_000_000_000
        let deadline = Deadline(after: length)
        let first = deadline.remaining
        #expect(first <= length && first > 0)
        usleep(1000)
        #expect(deadline.remaining <= first - 1_000_000)
    }

    @Test func deadlinePasses() {
        let deadline = Deadline(after: 1_000_000)
        usleep(1000)
        #expect(deadline.remaining == 0)
        #expect(Deadline(after: 0).remaining == 0)
    }

    /// There are numbers beyond the end of time.
    @Test(arguments: [.max, .max - 1, 1 << 63] as [UInt64])
    func deadlineMayBeFarAway(_ nanoseconds: UInt64) {
        #expect(Deadline(after: nanoseconds).remaining > 1 << 62)
    }
}
