import CLinux
import Synchronization
import Testing

@testable import Linux

struct ThreadTests {
    private final class Number: Sendable {
        let value = Atomic<Int32>(0)
    }

    /// To one that this process may use, and to one that no machine has.
    @Test func bindsToACPU() throws {
        let number = Number()
        let barrier = Barrier(count: 2)
        let thread = try Thread.start {
            number.value.store(Thread.currentNumber, ordering: .sequentiallyConsistent)
            barrier.wait()
            barrier.wait()
        }
        barrier.wait()
        let other = number.value.load(ordering: .sequentiallyConsistent)
        try Thread.bind(other, toCPU: UInt32(sched_getcpu()))
        for number: UInt32 in [8191, 8192, .max] {
            do throws(Errno) {
                try Thread.bind(other, toCPU: number)
                Issue.record("bound to CPU \(number)")
            } catch {
                #expect(error == Errno(EINVAL))
            }
        }
        barrier.wait()
        thread.join()
    }
}
