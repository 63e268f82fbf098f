#if Uhyve
    import Synchronization
    import Testing

    @testable import Uhyve
    @testable import Virtio

    /// When the guest is interrupted, on a line that its interrupt controller may hear only at the
    /// end of an interrupt.
    @Suite struct InterruptLineTests {
        private final class Count: Sendable {
            let value = Atomic<Int>(0)
        }

        private let count = Count()
        private let line: InterruptLine

        init() {
            let count = count
            line = InterruptLine { count.value.add(1, ordering: .relaxed) }
        }

        private var signals: Int { count.value.load(ordering: .relaxed) }

        @Test func whatComesUpBeforeTheEndIsSaidAgain() {
            line.raise(1)
            #expect(line.acknowledge() == 1)
            line.raise(2)
            #expect(signals == 2)
            line.ended()
            #expect(signals == 3 && line.acknowledge() == 2)
            line.ended()
            #expect(signals == 3)
        }

        /// A guest that never reads causes is not interrupted for ever.
        @Test func onlyWhatComesUpAfterTheCausesWereRead() {
            line.raise(1)
            line.ended()
            line.ended()
            #expect(signals == 1)
            #expect(line.acknowledge() == 1)
            line.ended()
            line.raise(1)
            line.ended()
            #expect(signals == 2)
        }

        @Test func notIfTheGuestWantsNone() {
            line.raise(1)
            _ = line.acknowledge()
            line.setAllowed(false)
            line.raise(1)
            line.ended()
            #expect(signals == 1)
            line.setAllowed(true)
            #expect(signals == 2)
        }
    }
#endif
