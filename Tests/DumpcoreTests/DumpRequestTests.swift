#if Dumpcore
    import Architecture
    import CLinux
    import Hypervisor
    import Linux
    import TestSupport
    import Testing

    @testable import Dumpcore
    @testable import Tender

    /// Core files on demand: which vCPUs are waited for.
    @Suite struct DumpRequestTests {
        private let request: DumpRequest

        init() throws {
            request = DumpRequest(
                Subject(
                    memory: try GuestMemory(count: 4096), vcpus: [IdleCPU(), IdleCPU()],
                    signal: { _ in }))
        }

        private func serve(_ cpu: Int) -> [Int] {
            var numbers: [Int] = []
            request.leave(cpu)
            request.serve(cpu: cpu) { numbers.append($0) }
            request.enter(cpu)
            return numbers
        }

        @Test func noneThatNoneWants() {
            request.enter(0)
            #expect(serve(0) == [])
        }

        /// It may be in a hypercall for ever, or with a debugger from the start on.
        @Test(arguments: [false, true]) func isOutside(hasRun: Bool) {
            request.enter(0)
            if hasRun {
                request.enter(1)
                request.leave(1)
            }
            request.ask()
            #expect(serve(0) == [1])
            // It comes when all is done.
            request.enter(1)
            #expect(serve(1) == [])
            request.ask()
            request.leave(0)
            #expect(serve(1) == [2])
        }

        @Test func isWaitedForWhileItRuns() throws {
            request.enter(0)
            request.enter(1)
            request.ask()
            let first = Background { serve(0) }
            usleep(20_000)
            let second = serve(1)
            // One of the two, whichever is there last.
            #expect(try first.join() + second == [1])
        }

        @Test func isWaitedForUntilItLeaves() throws {
            request.enter(0)
            request.enter(1)
            request.ask()
            let first = Background { serve(0) }
            usleep(20_000)
            request.leave(1)
            #expect(try first.join() == [1])
        }
    }

    /// A vCPU that does nothing.
    private final class IdleCPU: DebuggedCPU {
        let debugExit = DebugExit(address: 0)
        func requestExit() {}
        func state() throws(HypervisorError) -> Registers { Registers() }
        func setState(_ state: Registers) throws(HypervisorError) {}
        func floatingPoint() throws(HypervisorError) -> FloatingPointState { FloatingPointState() }
        func setFloatingPoint(_ state: FloatingPointState) throws(HypervisorError) {}
        func setStops(_ stops: DebugStops) throws(HypervisorError) {}
    }
#endif
