#if Dumpcore
    import Architecture
    import CLinux
    import TestSupport
    import Testing

    @testable import Dumpcore
    @testable import Tender

    /// Core files on demand: which vCPUs are waited for.
    @Suite struct DumpRequestTests {
        private let threads = GuestThreads()
        private let request: DumpRequest

        init() {
            for _ in 0..<2 { threads.addVCPU(requestExit: {}) }
            request = DumpRequest(threads)
        }

        private func enter(_ cpu: Int) { _ = threads.vcpus[cpu].enter() }
        private func leave(_ cpu: Int) { threads.vcpus[cpu].leave() }

        private func serve(_ cpu: Int) -> [Int] {
            var numbers: [Int] = []
            request.serve(cpu: cpu) { numbers.append($0) }
            enter(cpu)
            return numbers
        }

        @Test func noneThatNoneWants() {
            enter(0)
            #expect(serve(0) == [])
        }

        /// It may be in a hypercall for ever, or with a debugger from the start on.
        @Test(arguments: [false, true]) func isOutside(hasRun: Bool) {
            enter(0)
            if hasRun {
                enter(1)
                leave(1)
            }
            request.ask()
            #expect(serve(0) == [1])
            // It comes when all is done.
            enter(1)
            #expect(serve(1) == [])
            request.ask()
            leave(0)
            #expect(serve(1) == [2])
        }

        @Test func isWaitedForWhileItRuns() throws {
            enter(0)
            enter(1)
            request.ask()
            let first = Background { serve(0) }
            usleep(20_000)
            let second = serve(1)
            // One of the two, whichever is there first.
            #expect(try first.join() + second == [1])
        }

        @Test func isWaitedForUntilItLeaves() throws {
            enter(0)
            enter(1)
            request.ask()
            let first = Background { serve(0) }
            usleep(20_000)
            leave(1)
            #expect(try first.join() == [1])
        }
    }
#endif
