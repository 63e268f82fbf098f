#if Gdb
    import Foundation
    import Hypervisor
    import Linux
    import TestSupport

    @testable import Gdb
    @testable import Tender

    /// A guest with fake vCPUs, and a server for debuggers.
    final class FakeGuest: @unchecked Sendable {
        let memory: GuestMemory
        let cpus: [FakeCPU]
        let debugger: Debugger
        private let directory: TemporaryDirectory
        private let ends: [End]

        /// What becomes of a vCPU.
        private final class End: @unchecked Sendable {
            private let monitor = Monitor()
            private var verdict: Verdict?

            func set(_ verdict: Verdict) {
                monitor.withLock {
                    self.verdict = verdict
                    monitor.notify()
                }
            }

            func wait() -> Verdict? {
                monitor.withLock {
                    monitor.wait { verdict != nil }
                    return verdict
                }
            }
        }

        var path: String { directory.path("socket") }

        /// - Parameter cpuCount: each has 2 MiB of memory, mapped from virtual address 0 on.
        init(cpuCount: Int = 1) throws {
            let memory = try GuestMemory(count: 2 << 20)
            try memory.place(0x2003 as UInt64, at: 0x10_1000)
            try memory.place(0x10_2003 as UInt64, at: 0x10_1000)
            try memory.place(0x10_3003 as UInt64, at: 0x10_2000)
            try memory.place(0x83 as UInt64, at: 0x10_3000)
            let cpus = (0..<cpuCount).map { _ in FakeCPU(root: 0x10_1000) }
            let directory = try TemporaryDirectory()
            let door = try Door(
                Listener.unix(path: directory.path("socket")), invitation: "Waiting.")
            let debugger = Debugger(
                door, try MemoryWindow(), LaunchFacts(program: "test", modules: []))
            let guest = GuestThreads()
            for cpu in cpus {
                guest.addVCPU(
                    callNumbers: (0..<16).map { Int32($0) }, requestExit: { cpu.requestExit() })
            }
            guest.add(debugger.worker)
            try debugger.prepare(Subject(memory: memory, vcpus: cpus, threads: guest))
            let ends = cpus.map { _ in End() }
            try guest.start { index in
                ends[index].set(Self.live(cpus[index], index, guest.vcpus[index], debugger))
            }
            guest.release()
            self.ends = ends
            self.memory = memory
            self.cpus = cpus
            self.debugger = debugger
            self.directory = directory
        }

        /// What a vCPU's thread does.
        private static func live(
            _ cpu: FakeCPU, _ index: Int, _ thread: GuestThread, _ debugger: Debugger
        ) -> Verdict {
            guard thread.enter() else { return .killed }
            while true {
                let exit = cpu.run()
                if case .portWrite(let port, _, _) = exit {
                    thread.counters.count(call: Int(port))
                    thread.leave()
                    debugger.willServe(cpu: index, Int32(port), argument: GuestAddress(0))
                    _ = thread.enter()
                    debugger.didServe(cpu: index, .resume)
                    continue
                }
                if exit == .halt { return .pass }
                let verdict = debugger.stopped(cpu: index, exit)
                if case .end = verdict { return verdict }
                if exit == .interrupted, !thread.pass() { return .killed }
                if verdict == .pass, exit != .interrupted { return .pass }
            }
        }

        /// What became of a vCPU, once it is no more.
        func verdict(_ cpu: Int = 0) throws -> Verdict? { ends[cpu].wait() }

        /// A debugger that has come so far that it can ask.
        func connect() throws -> Client {
            let client = try Client(path)
            client.send([UInt8(ascii: "+")])
            return client
        }
    }
#endif
