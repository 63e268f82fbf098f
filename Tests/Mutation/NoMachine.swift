import Architecture
import Hypervisor
import Linux
import Rules

/// A machine for guests that are prepared but never run.
struct NoMachine: InterruptMachine, ~Copyable {
    final class CPU: InterruptCPU {
        static var backEnd: BackEnd { KVMVCPU.backEnd }
        static let end = HypervisorError("run a guest")

        func counterFrequency() throws(HypervisorError) -> UInt64 { 1_000_000_000 }
        func load(_ state: BootState) throws(HypervisorError) {}
        func run() throws(HypervisorError) -> Exit { throw Self.end }
        func finishRead(_ value: UInt64) {}
        func state() throws(HypervisorError) -> Registers { throw Self.end }
        func bind(in bindings: inout Bindings) {}
        func prefetchRegisters() {}
        func argument() throws(HypervisorError) -> UInt64 { throw Self.end }
        func translation() throws(HypervisorError) -> AddressTranslation { throw Self.end }
        func requestExit() {}
    }

    borrowing func map(
        _ memory: borrowing MemoryMapping, count: Int, at guestAddress: UInt64,
        parts: @autoclosure () -> [MemoryPart]
    ) throws(HypervisorError) {}

    borrowing func makeVCPU(_ index: UInt32) throws(HypervisorError) -> CPU { CPU() }

    borrowing func addInterruptControllers(hasTimer: Bool) throws(HypervisorError) {}

    borrowing func makeVCPU(
        _ index: UInt32, of count: UInt32, brand: String
    ) throws(HypervisorError) -> CPU { CPU() }

    borrowing func connect(_ doorbell: Doorbell, toEvent event: Int32) throws(HypervisorError) {}

    borrowing func connectEvent(_ event: Int32, toLine line: UInt32) throws(HypervisorError) {}

    borrowing func connectEnds(
        ofLine line: UInt32, toEvent event: Int32, besides idle: Int32
    ) throws(HypervisorError) {}
}
