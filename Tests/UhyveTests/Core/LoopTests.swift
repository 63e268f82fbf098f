#if Uhyve
    import ABI
    import Architecture
    import CLinux
    import Hypervisor
    import Linux
    import Rules
    import TestSupport
    import Testing

    @testable import Tender
    @testable import TenderSupport
    @testable import Uhyve

    /// A vCPU that stops as a test tells it to.
    final class ScriptedCPU: InterruptCPU, @unchecked Sendable {
        static var backEnd: BackEnd { KVMVCPU.backEnd }

        private var script: [Exit]
        private(set) var reads: [UInt64] = []
        private(set) var isStopped = false
        var register: UInt64 = 0
        /// Done at each run.
        var meanwhile: () -> Void = {}
        var position: UInt64 = 0x5
        var tableRoot: UInt64 = CallGuest.root

        init(_ script: [Exit]) {
            self.script = script
        }

        static let end = HypervisorError("run beyond the script")

        func run() throws(HypervisorError) -> Exit {
            meanwhile()
            if script.isEmpty { throw Self.end }
            return script.removeFirst()
        }

        func counterFrequency() throws(HypervisorError) -> UInt64 { 1_000_000 }
        func load(_ state: BootState) throws(HypervisorError) {}
        func finishRead(_ value: UInt64) { reads.append(value) }
        func state() throws(HypervisorError) -> Registers {
            var state = Registers()
            (state.rip, state.cr3) = (position, tableRoot)
            (state.cr0, state.efer) = (0x8000_0031, 0xD00)
            return state
        }
        func bind(in bindings: inout Bindings) {}
        func prefetchRegisters() {}
        func argument() throws(HypervisorError) -> UInt64 { register }
        func translation() throws(HypervisorError) -> AddressTranslation {
            AddressTranslation(.fourLevels, root: tableRoot)
        }
        func requestExit() { isStopped = true }
    }

    /// What comes of each exit.
    @Suite struct LoopTests {
        private let guest: CallGuest
        private let ending: Ending

        init() throws {
            guest = try CallGuest()
            ending = try Ending.awaited()
        }

        private func loop(_ cpu: ScriptedCPU) -> VCPULoop<ScriptedCPU> {
            VCPULoop(0, cpu, guest.calls, guest.buses, GuestThreads(ending), Observation())
        }

        /// Lets a vCPU live, on this thread.
        private func live(_ exits: [Exit], register: UInt64 = 0) -> (ScriptedCPU, ExitCounters) {
            let cpu = ScriptedCPU(exits)
            cpu.register = register
            let loop = loop(cpu)
            loop.live()
            return (cpu, loop.counters)
        }

        /// The line that a guest ends with after this exit, before those about how things were then.
        private func failure(_ exit: Exit) -> String? {
            _ = live([exit])
            guard case .failure(let error, cpu: 0) = ending.wait() else { return nil }
            let lines = error.description.split(separator: "\n")
            #expect(lines.dropFirst().first == "  at 0x5")
            return lines.first.map { String($0) }
        }

        private var code: Int32? {
            guard case .exit(let code) = ending.wait() else { return nil }
            return code
        }

        @Test func hypercallsByTheValue() throws {
            try guest.memory.store(uhyve_v1_exit(code: -3), at: CallGuest.block)
            // Addresses of this version have 32 bits, and this memory begins at 4 GiB.
            _ = live([
                .portWrite(port: 0x800, width: 1, value: 0x41),
                .portWrite(port: 0x800, width: 4, value: 0x1242),
                .portWrite(port: 0x540, width: 4, value: 0x1_0001),
            ])
            #expect(try guest.output() == "AB")
            guard case .failure(let error, cpu: 0) = ending.wait() else {
                Issue.record("no failure")
                return
            }
            #expect(error.description.contains("Exit (port 0x540)"))
        }

        @Test func hypercallsByTheRegister() throws {
            let (_, counters) = live(
                [
                    .portWrite(port: 0x1020, width: 4, value: 0x1234),
                    .portWrite(port: 0x1010, width: 4, value: 0x1234),
                ], register: 0xFFFF_FF43)
            #expect(try guest.output() == "C")
            #expect(code == -189)
            #expect(counters[.serialWriteByte2] == 1 && counters[.exit2] == 1)
            #expect(counters.duration > 0)
        }

        @Test("attack 14: Hermit: unknown ports") func unknownPorts() {
            let (cpu, counters) = live(
                [
                    .portRead(port: 0xCFC, width: 4), .portRead(port: 0x401, width: 1),
                    .portRead(port: 0x1010, width: 4), .portWrite(port: 0xCF8, width: 4, value: 1),
                    .portWrite(port: 0x20, width: 1, value: 1), .portString(port: 0x800), .halt,
                    .portWrite(port: 0x1010, width: 4, value: 0),
                ], register: 7)
            #expect(cpu.reads == [.max, .max, .max, .max])
            #expect(code == 7)
            #expect(counters[.portRead] == 3 && counters[.portWrite] == 2)
            #expect(counters[.halt] == 1)
        }

        @Test func whereFirmwareWouldBe() {
            let (cpu, _) = live(
                [
                    .mmioRead(address: 0x9F000, width: 4), .mmioRead(address: 0, width: 1),
                    .mmioRead(address: 0xF_FFFF, width: 8),
                    .mmioWrite(address: 0x467, width: 4, value: 5),
                    .portWrite(port: 0x1010, width: 4, value: 0),
                ], register: 1)
            #expect(cpu.reads == [0, 0, 0])
            #expect(code == 1)
        }

        /// A device that the module knows nothing of.
        @Test func aDeviceOnTheBuses() throws {
            let device = Scratchpad()
            try guest.buses.ports.claim(0x60...0x64, for: device)
            try guest.buses.memory.claim(0xFED0_0000...0xFED0_03FF, for: device)
            let (cpu, counters) = live(
                [
                    .portWrite(port: 0x61, width: 1, value: 0x41),
                    .portRead(port: 0x61, width: 1), .portRead(port: 0x65, width: 1),
                    .mmioWrite(address: 0xFED0_00F0, width: 8, value: 0x1234_5678_9ABC),
                    .mmioRead(address: 0xFED0_00F0, width: 8),
                    // Right after its range there is nothing.
                    .mmioRead(address: 0xFED0_0400, width: 8),
                ])
            #expect(cpu.reads == [0x41, .max, 0x1234_5678_9ABC])
            #expect(device.last == .init(offset: 0xF0, width: 8, value: 0x1234_5678_9ABC))
            #expect(counters[.portRead] == 2 && counters[.memoryWrite] == 1)
            guard case .failure(let error, cpu: 0) = ending.wait() else {
                Issue.record("no failure")
                return
            }
            let exit = Exit.mmioRead(address: 0xFED0_0400, width: 8)
            #expect(error.description.hasPrefix("guest fault: \(KVMVCPU.backEnd.words(exit))"))
        }

        @Test("attack 15: Hermit: exits of any kind") func whatEndsTheGuest() {
            #expect(
                failure(.shutdown)
                    == "guest fault: exit_reason=0x8 (triple fault), rip=0x5, code "
                    + [String](repeating: "00", count: 16).joined(separator: " "))
        }

        @Test(
            arguments: [
                .mmioRead(address: 0x10_0000, width: 4), .mmioRead(address: .max, width: 1),
                .mmioWrite(address: 0xFE00_0000, width: 4, value: 0),
                .memoryFault(address: nil), .debug, .entryFailure(reason: 5),
                .internalError(suberror: 1), .unknown(reason: 99),
            ] as [Exit])
        func whatElseEndsTheGuest(_ exit: Exit) {
            #expect(
                failure(exit)?.hasPrefix("guest fault: \(KVMVCPU.backEnd.words(exit)), rip=0x5")
                    == true)
        }

        /// Some KVMs leave nothing of where the guest was.
        @Test(
            arguments: [
                ([.shutdown], "it made no hypercall before"),
                (
                    [.portWrite(port: 0x800, width: 1, value: 0x41), .shutdown],
                    "its last hypercall was Uart (port 0x800)"
                ),
            ] as [([Exit], String)])
        func afterAReset(_ exits: [Exit], _ last: String) throws {
            let cpu = ScriptedCPU(exits)
            (cpu.position, cpu.tableRoot) = (0xFFF0, 0)
            loop(cpu).live()
            guard case .failure(let error, cpu: 0) = ending.wait() else {
                Issue.record("no failure")
                return
            }
            #expect(
                error.description
                    == "guest fault: exit_reason=0x8 (triple fault), and KVM has reset the vCPU, "
                    + "so where it was is not known; \(last)")
        }

        /// A guest can be at that address by itself.
        @Test func notAfterAReset() {
            let cpu = ScriptedCPU([.shutdown])
            cpu.position = 0xFFF0
            loop(cpu).live()
            guard case .failure(let error, cpu: 0) = ending.wait() else {
                Issue.record("no failure")
                return
            }
            #expect(error.description.contains("rip=0xfff0"))
        }

        @Test func failuresOfTheHypervisor() {
            _ = live([])
            guard case .failure(let error, cpu: 0) = ending.wait() else {
                Issue.record("no failure")
                return
            }
            #expect(error == .hypervisor(ScriptedCPU.end))
        }

        @Test func interruptionsEndOnlyWhatIsOver() throws {
            _ = live([.interrupted, .portWrite(port: 0x1010, width: 4, value: 0)], register: 3)
            #expect(code == 3)
            let cpu = ScriptedCPU([.interrupted])
            let threads = GuestThreads(try Ending.awaited())
            cpu.meanwhile = { threads.ending.report(.exit(4)) }
            let loop = VCPULoop(0, cpu, guest.calls, guest.buses, threads, Observation())
            loop.live()
            guard case .exit(4) = threads.ending.wait() else {
                Issue.record("not its outcome")
                return
            }
            #expect(loop.counters[.interrupted] == 1)
            // One that has not begun does not begin.
            let (_, counters) = live([.interrupted])
            #expect(code == 3 && counters[.interrupted] == 0)
        }
    }
#endif
