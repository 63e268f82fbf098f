import Architecture
import Hypervisor
import Linux
import Rules
import Testing

@testable import Tender

/// A back end that is not KVM, and has names, numbers and system calls of its own. The core knows of
/// it what it says of itself.
private final class OtherVCPU: VCPU {
    static var backEnd: BackEnd {
        BackEnd(
            name: "MSHV", device: "/dev/mshv",
            debuggingObstacle: "This MSHV can't be debugged with",
            resetHabit: "as it does at times",
            operations: [
                Operation.Calls(.runVCPU, [call(0xB8F0, "MSHV_RUN_VP")]),
                Operation.Calls(.readRegisters, [call(0xB805, "MSHV_GET_VP_REGISTERS")]),
            ],
            code: { $0 == .halt ? "message_type=0x80010000" : "message_type=0x0" })
    }

    private static func call(_ request: UInt64, _ name: String) -> SystemCallSpecification {
        SystemCallSpecification(
            "ioctl",
            [.descriptor(argument: 0, .vcpu), .equals(argument: 1, request, name: name)])
    }

    func counterFrequency() throws(HypervisorError) -> UInt64 { 1_000_000_000 }
    func load(_ state: BootState) throws(HypervisorError) {}
    func run() throws(HypervisorError) -> Exit { throw HypervisorError("MSHV: run the guest") }
    func requestExit() {}
    func bind(in bindings: inout Bindings) {
        bindings.bind(.vcpu, to: 7)
    }
    func state() throws(HypervisorError) -> Registers { Registers() }
}

@Suite("Another back end") struct OtherBackEndTests {
    private let backEnd = OtherVCPU.backEnd

    @Test("The sandbox has its system calls, and none of another's") func rules() {
        var bindings = Bindings()
        bindings.bind(OtherVCPU())
        let rules = Confinement([], bindings, Observation()).rules
        let calls = rules.filter { $0.name == "ioctl" }
        #expect(calls.map { $0.owner } == ["core", "core"])
        #expect(calls.map { $0.arguments.map { $0.value } } == [[7, 0xB8F0], [7, 0xB805]])
        #expect(calls.map { $0.arguments[1].meaning } == ["MSHV_RUN_VP", "MSHV_GET_VP_REGISTERS"])
    }

    @Test("A module gets those of what it does with vCPUs") func modules() {
        let listener: Role = "a listener"
        let manifest = ModuleManifest(
            KnownModule(name: "test", trait: "Test", guests: nil), summary: "",
            operations: [
                Operation.Use(.readRegisters, onlyWith: listener), Operation.Use(.debugVCPU),
            ])
        #expect(backEnd.calls(of: manifest).map { $0.need } == [listener])
        var bindings = Bindings()
        bindings.bind(OtherVCPU())
        func count() -> Int {
            Confinement([manifest], bindings, Observation()).rules.count { $0.owner == "test" }
        }
        #expect(count() == 0)
        bindings.bind(listener, to: 9)
        #expect(count() == 1)
    }

    @Test("Lines have its names and numbers") func lines() throws {
        #expect(
            FatalExit(.unhandled(.halt), at: 0x1234, on: backEnd).description
                == "MSHV: unhandled exit: message_type=0x80010000 (the guest executed HLT), "
                + "rip=0x1234")
        #expect(
            FatalExit(.translation, at: 0x1234, on: backEnd).description
                == "MSHV: host/guest translation fault: rip=0x1234")
        let memory = try GuestMemory(count: 0x1000)
        var registers = Registers()
        registers.rip = 0xFFF0
        let report = FaultReport(memory: memory, symbols: nil, on: backEnd)
        #expect(
            report.text(
                registers, cause: FaultCause(.shutdown, nil, registers, of: OtherVCPU()))
                == "  at 0xfff0: MSHV has reset the vCPU, as it does at times, so where the guest "
                + "was is not known")
    }
}
