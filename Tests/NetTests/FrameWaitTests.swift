#if Net
    import Testing

    @testable import Net

    /// When the ring's worker waits for a frame, without a ring.
    struct FrameWaitTests {
        private var wait = FrameWait()
        private var now: UInt64 = 1_000_000

        private mutating func foundNone(hasWaited: Bool = false) {
            wait.foundNone(at: now, hasWaited: hasWaited)
        }

        private mutating func found(after time: UInt64, hasWaited: Bool = false) {
            now += time
            wait.found(at: now, hasWaited: hasWaited)
        }

        @Test mutating func onceAFrameHasComeSoon() {
            #expect(!wait.isWorthwhile)
            foundNone()
            #expect(!wait.isWorthwhile)
            found(after: 2 * FrameWait.limit)
            #expect(wait.isWorthwhile)
            // Frames that need no wait change nothing.
            found(after: 1_000_000_000)
            #expect(wait.isWorthwhile)
        }

        @Test mutating func notAfterOneThatCameLate() {
            foundNone()
            found(after: 1)
            #expect(wait.isWorthwhile)
            foundNone()
            found(after: 2 * FrameWait.limit + 1)
            #expect(!wait.isWorthwhile)
        }

        @Test mutating func notWhereTheGuestGoesOnWithSending() {
            foundNone()
            wait.sent()
            found(after: 1)
            #expect(!wait.isWorthwhile)
            foundNone()
            found(after: 1)
            #expect(wait.isWorthwhile)
            // An answer to what has come.
            wait.sent()
            #expect(wait.isWorthwhile)
            foundNone()
            wait.sent()
            #expect(!wait.isWorthwhile)
        }

        /// After waits in vain, twice as many frames have to come soon each time.
        @Test mutating func theLessTheMoreOftenItWasInVain() {
            for power in 0..<14 {
                let needed = min(1 << power, 1 << 10)
                for number in 0..<needed {
                    #expect(!wait.isWorthwhile, "\(number) of \(needed)")
                    foundNone()
                    found(after: 1)
                }
                #expect(wait.isWorthwhile)
                foundNone(hasWaited: true)
                // POLL's frame; the wait is over.
                wait.sent()
            }
            for _ in 0..<1 << 10 {
                foundNone()
                found(after: 1)
            }
            found(after: 1, hasWaited: true)
            foundNone()
            wait.sent()
            foundNone()
            found(after: 1)
            #expect(wait.isWorthwhile, "one that was not in vain makes up for all others")
        }
    }
#endif
