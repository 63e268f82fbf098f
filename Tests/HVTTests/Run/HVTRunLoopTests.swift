import Hypervisor
import Linux
import Testing

@testable import HVT
@testable import Tender
@testable import TenderSupport

/// The run loop, with a vCPU that stops as it is told to.
struct HVTRunLoopTests {
    /// What a guest did that made `exits`: how it halted, or the error that ended it.
    private func run(
        _ vcpu: ScriptedVCPU, serving dispatch: DispatchTable = DispatchTable(),
        memory count: UInt64 = 2 * mebibyte
    ) throws -> Result<Halt, TenderError> {
        let loop = HVTRunLoop(
            vcpu: vcpu, memory: try GuestMemory(count: count), server: HypercallServer(dispatch))
        do throws(TenderError) {
            return .success(try loop.run())
        } catch {
            return .failure(error)
        }
    }

    private let halt = Halt(exitStatus: 7, cookie: GuestAddress(0))

    /// Calls that reached a handler, in order.
    private final class Calls {
        var all: [String] = []
    }

    private func table(_ calls: Calls) throws -> DispatchTable {
        var table = DispatchTable()
        for number: Int32 in 1...3 {
            try table.register(number, of: "test") { (argument, memory) throws(GuestFault) in
                calls.all.append("\(number) \(argument) \(memory.count >> 20)")
                return .resume
            }
        }
        try table.register(8, of: "test") { [halt] (_, _) throws(GuestFault) in .halt(halt) }
        try table.register(9, of: "test") { (argument, _) throws(GuestFault) in
            throw .access(address: argument, count: 8)
        }
        return table
    }

    @Test func servesHypercallsUntilHalt() throws {
        let calls = Calls()
        let vcpu = ScriptedVCPU(
            .hypercall(1, 0x1000), .hypercall(3, 0xFFFF_FFFF), .hypercall(2, 0),
            .hypercall(8, 0), .hypercall(1, 0x2000))
        #expect(try run(vcpu, serving: try table(calls)) == .success(halt))
        #expect(calls.all == ["1 0x1000 2", "3 0xffffffff 2", "2 0x0 2"])
        // The guest does not run again.
        #expect(vcpu.runs == 4)
    }

    @Test func signalsAreNothing() throws {
        let calls = Calls()
        let vcpu = ScriptedVCPU(
            .interrupted, .interrupted, .hypercall(1, 8), .interrupted, .hypercall(8, 0))
        #expect(try run(vcpu, serving: try table(calls)) == .success(halt))
        #expect(calls.all.count == 1)
    }

    // MARK: What a module has put off

    /// What handlers did and when what hypercall 1 puts off was done, before the guest has ended.
    private func deferred(_ exits: Exit...) throws -> [String] {
        let calls = Calls()
        let deferral = try Deferral(following: [1, 2]) { calls.all.append("done") }
        var table = DispatchTable()
        for number: Int32 in 1...3 {
            try table.register(number, of: "test") { (_, _) throws(GuestFault) in
                calls.all.append("\(number)")
                if number == 1 { deferral.putOff() }
                return .resume
            }
        }
        try table.register(8, of: "test") { [halt] (_, _) throws(GuestFault) in .halt(halt) }
        let loop = HVTRunLoop(
            vcpu: ScriptedVCPU(exits.map { .success($0) }),
            memory: try GuestMemory(count: mebibyte),
            server: HypercallServer(table), deferral: deferral)
        _ = try? loop.run()
        return calls.all
    }

    @Test func otherHypercallsFindNothingPutOff() throws {
        #expect(
            try deferred(
                .hypercall(1, 0), .hypercall(2, 0), .hypercall(1, 0), .hypercall(3, 0),
                .hypercall(2, 0), .hypercall(3, 0), .hypercall(8, 0))
                == ["1", "2", "1", "done", "3", "2", "3"])
    }

    @Test func interruptionsFindNothingPutOff() throws {
        #expect(
            try deferred(
                .hypercall(1, 0), .interrupted, .hypercall(2, 0), .interrupted, .hypercall(8, 0))
                == ["1", "done", "2"])
    }

    @Test(
        arguments: [
            .hypercall(8, 0), .hypercall(15, 0), .shutdown,
            .portWrite(port: 0x80, width: 1, value: 0),
        ] as [Exit])
    func noEndFindsAnythingPutOff(_ end: Exit) throws {
        #expect(try deferred(.hypercall(1, 0), end) == ["1", "done"])
    }

    // MARK: Faults

    @Test func handlersFaultsEndTheGuest() throws {
        let vcpu = ScriptedVCPU(.hypercall(9, 0xABC), .hypercall(8, 0))
        #expect(
            try run(vcpu, serving: table(Calls()))
                == .failure(.guest(.access(address: GuestAddress(0xABC), count: 8))))
        #expect(vcpu.runs == 1)
    }

    @Test(arguments: [0, 4, 7, 10, 15])
    func unservedHypercallsEndTheGuest(_ number: Int) throws {
        let vcpu = ScriptedVCPU(.hypercall(number, 0x1000), .hypercall(8, 0))
        #expect(
            try run(vcpu, serving: table(Calls()))
                == .failure(.guest(.hypercall(number: number))))
    }

    /// An exit that ends the guest, and the line about it.
    static let faults: [(Exit, String)] = [
        (.portWrite(port: 0x4FF, width: 4, value: 0), "Invalid guest port access: port=0x4ff"),
        (.portWrite(port: 0x510, width: 4, value: 0), "Invalid guest port access: port=0x510"),
        (.portWrite(port: 0x501, width: 1, value: 0), "Invalid guest port access: port=0x501"),
        (.portWrite(port: 0x501, width: 2, value: 0), "Invalid guest port access: port=0x501"),
        (.portRead(port: 0x501, width: 4), "Invalid guest port access: port=0x501"),
        (.portRead(port: 0x3F8, width: 1), "Invalid guest port access: port=0x3f8"),
        (.portString(port: 0x502), "Invalid guest port access: port=0x502"),
        (.memoryFault(address: nil), "KVM: host/guest translation fault: rip=0x100123"),
        (.memoryFault(address: 0x10_0000), "KVM: host/guest translation fault: rip=0x100123"),
        (
            .mmioWrite(address: 0x10_0000, width: 8, value: 0),
            "KVM: host/guest translation fault: rip=0x100123"
        ),
        (
            .mmioRead(address: 0, width: 1), "KVM: host/guest translation fault: rip=0x100123"
        ),
        (
            .mmioWrite(address: 0x1F_FFFF, width: 4, value: 0),
            "KVM: host/guest translation fault: rip=0x100123"
        ),
        (
            .mmioWrite(address: 0x20_0000, width: 4, value: 0),
            "KVM: unhandled exit: exit_reason=0x6 (4-byte store to 0x200000, which is not memory)"
                + ", rip=0x100123"
        ),
        (
            .mmioRead(address: .max, width: 8),
            "KVM: unhandled exit: exit_reason=0x6 (8-byte load from 0xffffffffffffffff, "
                + "which is not memory), rip=0x100123"
        ),
        (
            .halt, "KVM: unhandled exit: exit_reason=0x5 (the guest executed HLT), rip=0x100123"
        ),
        (.shutdown, "KVM: unhandled exit: exit_reason=0x8 (triple fault), rip=0x100123"),
        (.debug, "KVM: unhandled exit: exit_reason=0x4 (debug exception), rip=0x100123"),
        (
            .entryFailure(reason: 0x8000_0021),
            "KVM: unhandled exit: exit_reason=0x9 (entry failure, hardware reason 0x80000021)"
                + ", rip=0x100123"
        ),
        (
            .internalError(suberror: 1),
            "KVM: unhandled exit: exit_reason=0x11 (internal error, suberror 0x1), rip=0x100123"
        ),
        (.unknown(reason: 0x1F), "KVM: unhandled exit: exit_reason=0x1f, rip=0x100123"),
    ]

    @Test("attack 15: exits of any kind", arguments: faults)
    func faultsEndTheGuest(_ exit: Exit, line: String) throws {
        let vcpu = ScriptedVCPU(exit, .hypercall(8, 0))
        guard case .failure(let error) = try run(vcpu, serving: table(Calls())) else {
            Issue.record("the guest survived")
            return
        }
        #expect(error.description == line)
        #expect(vcpu.runs == 1)
    }

    @Test func unservedHypercallsAreNamedByTheABI() {
        #expect(GuestFault.hypercall(number: 0).description == "Invalid guest hypercall: num=0")
        #expect(GuestFault.hypercall(number: 8).description == "Invalid guest hypercall: num=8")
        // To the ABI this is a port like any other.
        #expect(
            GuestFault.hypercall(number: 9).description
                == "Invalid guest port access: port=0x509")
    }

    @Test func accessFaultHasAddressAndSize() {
        #expect(
            GuestFault.access(address: GuestAddress(0x20_0000), count: 16).description
                == "Invalid guest access: gpa=0x200000, sz=16")
    }

    // MARK: The hypervisor's errors

    @Test func hypervisorErrorsEndTheTender() throws {
        let vcpu = ScriptedVCPU([
            .success(.interrupted),
            .failure(HypervisorError("run the guest")),
        ])
        #expect(
            try run(vcpu)
                == .failure(.hypervisor(HypervisorError("run the guest"))))
    }

    @Test func faultWithoutPositionIsTheHypervisors() throws {
        let vcpu = ScriptedVCPU(.halt)
        vcpu.position = .failure(HypervisorError("read the registers"))
        #expect(
            try run(vcpu)
                == .failure(.hypervisor(HypervisorError("read the registers"))))
    }
}
