import CLinux
import Hypervisor
import Linux
import Rules
import Synchronization
import TestSupport
import Testing

@testable import Tender

/// A guest whose vCPUs do nothing but run until they are interrupted, or as a test says.
private final class IdleGuest: @unchecked Sendable {
    let threads: GuestThreads
    private let cpus: [CPU]

    final class CPU: @unchecked Sendable {
        private let monitor = Monitor()
        private var isExitRequested = false
        private var calls = 0
        private var isDone = false
        /// How often the guest was entered, and whether it runs.
        let entries = Atomic(0)
        let isInside = Atomic(false)

        func requestExit() { change { isExitRequested = true } }
        func call() { change { calls += 1 } }
        func end() { change { isDone = true } }

        private func change(_ body: () -> Void) {
            monitor.withLock {
                body()
                monitor.notify()
            }
        }

        /// - Returns: nil when the guest has ended by itself.
        func run() -> Exit? {
            entries.add(1, ordering: .sequentiallyConsistent)
            isInside.store(true, ordering: .sequentiallyConsistent)
            defer { isInside.store(false, ordering: .sequentiallyConsistent) }
            return monitor.withLock {
                monitor.wait { isExitRequested || calls > 0 || isDone }
                if isExitRequested {
                    isExitRequested = false
                    return .interrupted
                }
                if calls > 0 {
                    calls -= 1
                    return .portWrite(port: 0, width: 4, value: 0)
                }
                return nil
            }
        }
    }

    /// What a hypercall waits for.
    let calls = Barrier(count: 2)

    init(_ count: Int, _ ending: Ending = Ending()) {
        let cpus = (0..<count).map { _ in CPU() }
        threads = GuestThreads(ending)
        for cpu in cpus {
            threads.addVCPU(callNumbers: [0], requestExit: { cpu.requestExit() })
        }
        self.cpus = cpus
    }

    subscript(cpu: Int) -> CPU { cpus[cpu] }

    func live(_ index: Int) {
        let thread = threads.vcpus[index]
        guard thread.enter() else { return }
        while let exit = cpus[index].run() {
            thread.counters.count(ExitKind(exit))
            if exit == .interrupted {
                guard thread.pass() else { return }
            } else {
                thread.counters.count(call: 0)
                thread.leave()
                calls.wait()
                calls.wait()
                guard thread.enter() else { return }
            }
        }
        threads.ending.report(.exit(7))
    }

    func start() throws {
        try threads.start { self.live($0) }
        threads.release()
    }

    func waitUntilInside(_ cpu: Int) throws {
        try eventually("vCPU \(cpu) runs") {
            cpus[cpu].isInside.load(ordering: .sequentiallyConsistent)
        }
    }

    func entries(_ cpu: Int) -> Int { cpus[cpu].entries.load(ordering: .sequentiallyConsistent) }
}

/// Threads of vCPUs and workers: start, pause, resume and end.
struct GuestThreadsTests {
    @Test func nothingBeginsBeforeTheRelease() throws {
        let guest = IdleGuest(2)
        let worker = Ticker()
        guest.threads.add(worker.worker)
        try guest.threads.start { guest.live($0) }
        usleep(10_000)
        #expect(guest.entries(0) == 0 && guest.entries(1) == 0 && worker.count == 0)
        guest.threads.release()
        try guest.waitUntilInside(0)
        try guest.waitUntilInside(1)
        try eventually("the worker works") { worker.count > 0 }
        guest.threads.stop()
    }

    @Test func pausesThoseThatRun() throws {
        let guest = IdleGuest(2)
        let hold = guest.threads.makeHold()
        try guest.start()
        for cpu in 0..<2 { try guest.waitUntilInside(cpu) }
        hold.pause()
        #expect(hold.waitUntilStill())
        #expect(hold.isStill)
        let before = (guest.entries(0), guest.entries(1))
        guest[0].call()
        usleep(10_000)
        #expect((guest.entries(0), guest.entries(1)) == before)
        // Only the chosen one.
        hold.resume { $0 == 1 }
        try guest.waitUntilInside(1)
        #expect(guest.entries(0) == before.0 && !hold.isStill)
        hold.pause()
        #expect(hold.waitUntilStill())
        hold.resume()
        #expect(!hold.isStill)
        // It makes its call now.
        guest.calls.wait()
        guest.calls.wait()
        guest.threads.stop()
        let counters = guest.threads.vcpus[0].counters
        #expect(counters[call: 0] == 1 && counters[.interrupted] > 0)
    }

    /// Nobody waits for the end of the call, and the guest does not go on after it.
    @Test func oneThatServesACallCountsAsStill() throws {
        let guest = IdleGuest(2)
        let hold = guest.threads.makeHold()
        try guest.start()
        guest[0].call()
        guest.calls.wait()
        try guest.waitUntilInside(1)
        hold.pause()
        #expect(hold.waitUntilStill())
        #expect(guest.threads.vcpus[0].isOutside && !guest.threads.vcpus[1].isOutside)
        let entries = guest.entries(0)
        guest.calls.wait()
        try eventually("it stands") { !guest.threads.vcpus[0].isOutside }
        #expect(hold.isStill)
        #expect(guest.entries(0) == entries)
        hold.resume()
        try eventually("it goes on") { guest.entries(0) > entries }
        guest.threads.stop()
    }

    @Test func holdsFromTheFirstInstructionOn() throws {
        let guest = IdleGuest(1)
        let hold = guest.threads.makeHold()
        hold.pause()
        #expect(hold.isStill)
        try guest.start()
        usleep(10_000)
        #expect(guest.entries(0) == 0 && hold.isStill)
        hold.resume()
        try guest.waitUntilInside(0)
        guest.threads.stop()
    }

    @Test func anInterruptBeforeTheThreadRuns() throws {
        let guest = IdleGuest(1)
        guest.threads.vcpus[0].interrupt()
        try guest.start()
        // It was out of the guest once.
        try eventually("it runs again") { guest.entries(0) == 2 }
        #expect(guest.threads.vcpus[0].counters[.interrupted] == 1)
        guest.threads.stop()
    }

    /// Each lets go what it holds itself.
    @Test func twoPartiesAtOnce() throws {
        let guest = IdleGuest(2)
        let holds = [guest.threads.makeHold(), guest.threads.makeHold()]
        try guest.start()
        for cpu in 0..<2 { try guest.waitUntilInside(cpu) }
        let parties = holds.map { hold in
            Background {
                var stillness = 0
                for _ in 0..<200 {
                    hold.pause()
                    if hold.waitUntilStill(), hold.isStill { stillness += 1 }
                    hold.resume()
                }
                return stillness
            }
        }
        for party in parties { #expect(try party.join() == 200) }
        holds[0].pause()
        holds[1].pause()
        #expect(holds[0].waitUntilStill() && holds[1].isStill)
        let entries = guest.entries(0)
        holds[0].resume()
        usleep(10_000)
        #expect(guest.entries(0) == entries && holds[1].isStill && !holds[0].isStill)
        holds[1].resume()
        try eventually("they run") { guest.entries(0) > entries }
        guest.threads.stop()
    }

    @Test func vCPUsPauseEachOther() throws {
        let guest = IdleGuest(2)
        let hold = guest.threads.makeHold()
        let other = guest.threads.makeHold()
        let count = Atomic(0)
        try guest.threads.start { cpu in
            let thread = guest.threads.vcpus[cpu]
            guard thread.enter() else { return }
            for _ in 0..<100 {
                (cpu == 0 ? hold : other).whileStill(cpu: cpu) {
                    count.add(1, ordering: .relaxed)
                }
                guard thread.pass() else { return }
            }
        }
        guest.threads.release()
        try eventually("both are done") { count.load(ordering: .relaxed) == 200 }
        guest.threads.stop()
    }

    @Test func endsDuringAPause() throws {
        let ending = try Ending.awaited()
        let guest = IdleGuest(2, ending)
        let hold = guest.threads.makeHold()
        try guest.start()
        for cpu in 0..<2 { try guest.waitUntilInside(cpu) }
        hold.pause()
        #expect(hold.waitUntilStill())
        #expect(guest.threads.end(.stopped(status: 9)))
        guard case .stopped(status: 9) = ending.wait() else {
            Issue.record("not its outcome")
            return
        }
        let start = Clock.monotonic
        guest.threads.stop()
        #expect(Clock.monotonic - start < 90_000_000)
        #expect(!hold.waitUntilStill())
        #expect(try ending.halt() == .forced(9))
    }

    /// It runs on the main thread, as that of an hvt guest.
    @Test func endsTheVCPUOfTheMainThread() throws {
        let guest = IdleGuest(1)
        let main = Background {
            try guest.threads.start()
            guest.threads.release()
            guest.live(0)
            guest.threads.stop()
            return try guest.threads.ending.halt().exitStatus
        }
        try guest.waitUntilInside(0)
        #expect(guest.threads.end(.stopped(status: 3)))
        #expect(try main.join() == 3)
    }

    @Test func nobodyEndsAGuestWhoseVCPUServesForEver() throws {
        let guest = IdleGuest(1)
        try guest.start()
        guest[0].call()
        guest.calls.wait()
        #expect(!guest.threads.end(.stopped(status: 1)))
        guest.calls.wait()
        guest.threads.stop()
    }

    @Test func doesNotWaitForever() throws {
        let guest = IdleGuest(1)
        try guest.start()
        guest[0].call()
        guest.calls.wait()
        let start = Clock.monotonic
        guest.threads.stop()
        #expect(Clock.monotonic - start >= 90_000_000)
        guest.calls.wait()
    }
}

struct EndingTests {
    @Test func theFirstDecides() throws {
        let ending = try Ending.awaited()
        #expect(!ending.isOver)
        ending.report(.exit(1))
        ending.report(.failure(.tooFragmented, cpu: 0))
        guard case .exit(1) = ending.wait() else {
            Issue.record("not the first")
            return
        }
        #expect(ending.isOver)
    }

    @Test func waitsForOtherThreads() throws {
        let ending = try Ending.awaited()
        let guest = IdleGuest(1, ending)
        try guest.start()
        try guest.waitUntilInside(0)
        guest[0].end()
        guard case .exit(7) = ending.wait() else {
            Issue.record("not its outcome")
            return
        }
        guest.threads.stop()
    }

    @Test func failuresAreThrown() {
        let ending = Ending()
        ending.report(.failure(.tooFragmented, cpu: 0))
        #expect(throws: TenderError.tooFragmented) { try ending.halt() }
    }
}

/// A worker that counts, by ticks of a thousandth of a second.
private final class Ticker: @unchecked Sendable {
    private let ticks = Atomic(0)
    private let hasEnded = Atomic(false)

    var count: Int { ticks.load(ordering: .sequentiallyConsistent) }
    var isOver: Bool { hasEnded.load(ordering: .sequentiallyConsistent) }

    var worker: Worker {
        Worker("the ticker") { [self] thread in
            var nothing: [pollfd] = []
            while thread.wait(for: &nothing, upTo: 1_000_000) {
                ticks.add(1, ordering: .sequentiallyConsistent)
            }
            hasEnded.store(true, ordering: .sequentiallyConsistent)
        }
    }
}

/// What a module with a worker looks like.
private final class TickerModule: Module {
    static let manifest = ModuleManifest(
        KnownModule(name: "ticker", trait: "Ticker", guests: "hvt"), summary: "counts time",
        workers: [
            WorkerSpecification(
                "the ticker",
                systemCalls: [SystemCallSpecification("ppoll")] + GuestThreads.systemCalls())
        ])

    let ticker = Ticker()

    func attach(to launch: inout Launch) { launch.add(ticker.worker) }
}

struct WorkerTests {
    @Test func aModuleDeclaresOne() throws {
        let module = TickerModule()
        var launch = Launch(options: [], devices: ApplicationManifest(devices: []))
        module.attach(to: &launch)
        #expect(launch.workers.map { $0.name } == TickerModule.manifest.workers.map { $0.name })
        let rules = Confinement([TickerModule.manifest], Bindings(), Observation()).rules
        let own = rules.filter { $0.owner == "ticker" }.map { $0.name }
        #expect(own.contains("ppoll") && own.contains("futex") && own.contains("tgkill"))
    }

    @Test func standsStillAndEnds() throws {
        let guest = IdleGuest(1)
        let ticker = Ticker()
        guest.threads.add(ticker.worker)
        let hold = guest.threads.makeHold()
        try guest.start()
        try eventually("it works") { ticker.count > 2 }
        hold.pause()
        #expect(hold.waitUntilStill())
        let count = ticker.count
        usleep(20_000)
        #expect(ticker.count == count && !ticker.isOver)
        hold.resume()
        try eventually("it works again") { ticker.count > count }
        guest.threads.stop()
        #expect(ticker.isOver)
    }

    /// Waiting for something that never comes.
    @Test func endsInAWait() throws {
        let threads = GuestThreads()
        let (reader, writer) = try Descriptor.pipe()
        let number = reader.number
        let hasEnded = Flag()
        threads.add(
            Worker("the reader") { thread in
                var requests = [pollfd(fd: number, events: Int16(POLLIN), revents: 0)]
                while thread.wait(for: &requests) {}
                hasEnded.raise()
            })
        try threads.start()
        threads.release()
        usleep(10_000)
        threads.stop()
        #expect(hasEnded.isRaised)
        _ = writer
    }

    /// The one that pauses the guest goes on.
    @Test func oneThatCommandsStandsApart() throws {
        let guest = IdleGuest(1)
        let ticker = Ticker()
        let hasPaused = Flag()
        guest.threads.add(ticker.worker)
        let commands = Commands()
        guest.threads.add(
            Worker("the commander", commands: true) { _ in
                commands.hold?.pause()
                if commands.hold?.waitUntilStill() == true {
                    hasPaused.raise()
                }
            })
        commands.hold = guest.threads.makeHold()
        try guest.start()
        try eventually("it pauses the guest") { hasPaused.isRaised }
        let count = ticker.count
        usleep(10_000)
        #expect(ticker.count == count)
        guest.threads.stop()
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isRaised: Bool { value.load(ordering: .sequentiallyConsistent) }
        func raise() { value.store(true, ordering: .sequentiallyConsistent) }
    }

    private final class Commands: @unchecked Sendable {
        var hold: Hold?
    }
}

struct CountersTests {
    @Test func countsAndIsReadMeanwhile() throws {
        let counters = ExitCounters(callNumbers: [5, 9])
        let writer = Background {
            for _ in 0..<100_000 {
                counters.count(call: 1)
                counters.count(.halt)
            }
        }
        var last: UInt64 = 0
        var hasGoneBack = false
        for _ in 0..<1000 {
            let now = counters[call: 1]
            if now < last { hasGoneBack = true }
            last = now
        }
        try writer.join()
        #expect(!hasGoneBack)
        #expect(counters[call: 0] == 0 && counters[call: 1] == 100_000)
        #expect(counters[.halt] == 100_000 && counters[.stop] == 0)
        #expect(counters.duration == 0)
        (counters.start, counters.end) = (10, 30)
        #expect(counters.duration == 20)
    }

    @Test func nothingBeyondTheEnd() {
        let counters = Counters(count: 2)
        counters[2] += 1
        counters[-1] += 1
        #expect(counters[0] == 0 && counters[1] == 0 && counters[2] == 0)
    }
}
