import Synchronization
import Testing

@testable import Linux

struct BarrierTests {
    private final class Count: Sendable {
        private let value = Atomic(0)
        var current: Int { value.load(ordering: .sequentiallyConsistent) }
        func add() { value.add(1, ordering: .sequentiallyConsistent) }
    }

    @Test func nobodyGoesOnAlone() throws {
        let barrier = Barrier(count: 4)
        let (before, after) = (Count(), Count())
        for _ in 1...3 {
            _ = try Thread.start {
                before.add()
                barrier.wait()
                barrier.wait()
                after.add()
                barrier.wait()
            }
        }
        barrier.wait()
        #expect(before.current == 3 && after.current == 0)
        barrier.wait()
        barrier.wait()
        #expect(after.current == 3)
    }

    @Test func oneWaitsForNobody() {
        Barrier(count: 1).wait()
        Barrier(count: 0).wait()
    }
}
