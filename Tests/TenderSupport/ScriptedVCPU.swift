import ABI
import Architecture
import Hypervisor
import Linux
import Rules
import Synchronization

@testable import Tender

/// A vCPU that stops as a test tells it to.
final class ScriptedVCPU: VCPU {
    static var backEnd: BackEnd { KVMVCPU.backEnd }

    /// What happens at each run.
    private var script: [Result<Exit, HypervisorError>]
    private(set) var runs = 0
    private let isExitRequested = Atomic(false)
    private(set) var bootState: BootState?
    var frequency: Result<UInt64, HypervisorError> = .success(1_000_000_000)
    var position: Result<UInt64, HypervisorError> = .success(0x10_0123)

    /// But for the position.
    var registers = Registers()
    var emulationFailure: EmulationFailure?

    init(_ script: [Result<Exit, HypervisorError>]) {
        self.script = script
    }

    convenience init(_ exits: Exit...) {
        self.init(exits.map { .success($0) })
    }

    /// What running on fails with when the script has ended.
    static let end = HypervisorError("run beyond the script")

    func run() throws(HypervisorError) -> Exit {
        runs += 1
        if isExitRequested.exchange(false, ordering: .sequentiallyConsistent) {
            return .interrupted
        }
        if script.isEmpty { throw Self.end }
        return try script.removeFirst().get()
    }

    func counterFrequency() throws(HypervisorError) -> UInt64 { try frequency.get() }
    func load(_ state: BootState) throws(HypervisorError) { bootState = state }
    func bind(in bindings: inout Bindings) {
        bindings.bind(.vcpu, to: -1)
        bindings.bind(.plainVCPU, to: -1)
    }
    func requestExit() { isExitRequested.store(true, ordering: .sequentiallyConsistent) }
    func state() throws(HypervisorError) -> Registers {
        var state = registers
        state.programCounter = try position.get()
        return state
    }
}

extension Exit {
    /// As a guest on this processor makes a hypercall.
    static func hypercall(_ number: Int, _ argument: UInt32) -> Exit {
        #if arch(x86_64)
            .portWrite(port: UInt16(0x500 + number), width: 4, value: argument)
        #else
            .mmioWrite(
                address: 0x1_0000_0000 + UInt64(number) * 8, width: 4, value: UInt64(argument))
        #endif
    }
}
