import Hypervisor
import Linux
import Testing

@testable import HVT
@testable import Tender
@testable import TenderSupport

/// What a tracer is told while an hvt guest runs.
@Suite struct TracerTests {
    private final class Notes: Tracer {
        var lines: [String] = []

        func prepare(cpuCount: Int, memory: GuestMemory) {}
        func entering(cpu: Int) { lines.append("enter \(cpu)") }
        func willServe(cpu: Int, _ number: Int32, argument: GuestAddress) {
            lines.append("call \(number) \(argument)")
        }
        func didServe(cpu: Int, _ result: TracedResult) { lines.append("\(result)") }
        func exited(cpu: Int, _ exit: Exit) { lines.append("\(exit)") }
    }

    private func run(_ exits: Exit...) throws -> [String] {
        let notes = Notes()
        var dispatch = DispatchTable()
        try dispatch.register(1, of: "test") { (_, _) in .resume }
        try dispatch.register(8, of: "test") { (argument, _) in
            .halt(Halt(exitStatus: 0, cookie: argument))
        }
        try dispatch.register(2, of: "test") { (argument, _) throws(GuestFault) in
            throw .access(address: argument, count: 1)
        }
        var observation = Observation()
        observation.add(tracer: notes)
        let loop = HVTRunLoop(
            vcpu: ScriptedVCPU(exits.map { .success($0) }), memory: try GuestMemory(count: 4096),
            server: HypercallServer(dispatch.traced(by: notes)), observation: observation)
        _ = try? loop.run()
        return notes.lines
    }

    @Test func `calls, until the guest halts`() throws {
        #expect(
            try run(.hypercall(1, 0x10), .hypercall(8, 0x20)) == [
                "enter 0", "call 1 0x10", "resume", "call 8 0x20", "halt",
            ])
    }

    @Test func `a call that faults, and one that nobody serves`() throws {
        #expect(try run(.hypercall(2, 0x10)) == ["enter 0", "call 2 0x10", "fault"])
        #expect(try run(.hypercall(9, 0x10)) == ["enter 0", "call 9 0x10", "fault"])
    }

    @Test func `an exit that is no call, and whether the guest runs on`() throws {
        #expect(
            try run(.interrupted, .shutdown) == ["enter 0", "interrupted", "enter 0", "shutdown"])
    }
}
