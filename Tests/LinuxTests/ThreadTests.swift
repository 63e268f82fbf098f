import CLinux
import Testing

@testable import Linux

struct ThreadTests {
    /// To one that this process may use, and to one that no machine has.
    @Test func bindsToACPU() throws {
        let barrier = Barrier(count: 2)
        let thread = try Thread.start { barrier.wait() }
        try thread.bind(toCPU: UInt32(sched_getcpu()))
        for number: UInt32 in [8191, 8192, .max] {
            do throws(Errno) {
                try thread.bind(toCPU: number)
                Issue.record("bound to CPU \(number)")
            } catch {
                #expect(error == Errno(EINVAL))
            }
        }
        barrier.wait()
        thread.join()
    }
}
