import CLinux
import Testing

@testable import Hypervisor

/// What debuggers need of a vCPU.
@Suite struct DebuggingTests {
    #if arch(x86_64)
        private func stops(
            isStepping: Bool = false, hasBreakpoints: Bool = false,
            _ watches: DebugStops.Watch...
        ) -> DebugStops {
            var stops = DebugStops()
            stops.isStepping = isStepping
            stops.hasBreakpoints = hasBreakpoints
            stops.watches = watches
            return stops
        }

        @Test(.needsKVM) func `step by step`() throws {
            let guest = try TinyGuest(Code.eax(1), Code.ecx(2), Code.halt)
            try guest.vcpu.setStops(stops(isStepping: true))
            for length in 1...2 {
                #expect(try guest.run() == .debug)
                let address = UInt64(TinyGuest.entry + 5 * length)
                #expect(guest.vcpu.debugExit == DebugExit(address: address, isStep: true))
                #expect(try guest.vcpu.state().rip == address)
            }
            try guest.vcpu.setStops(DebugStops())
            #expect(try guest.run() == .halt)
        }

        @Test(.needsKVM) func `an instruction that can't be emulated`() throws {
            // fistp dword [nowhere]
            let guest = try TinyGuest([0xDB, 0x1D, 0, 0, 0, 0x80], Code.halt)
            #expect(try guest.run() == .internalError(suberror: 1))
            let state = try guest.vcpu.state()
            #expect(state.rip == UInt64(TinyGuest.entry))
            // After other runs as well.
            let failure = try #require(guest.vcpu.emulationFailure)
            #expect(failure.instruction.starts(with: [0xDB, 0x1D, 0, 0, 0, 0x80]))
        }

        @Test(.needsKVM) func `the processor's breakpoints`() throws {
            let guest = try TinyGuest(Code.eax(1), Code.ecx(2), Code.halt)
            let addresses = [TinyGuest.entry + 10, TinyGuest.entry + 5].map { UInt64($0) }
            try guest.vcpu.setStops(
                stops(
                    .init(.execution, address: addresses[0], length: 1),
                    .init(.execution, address: addresses[1], length: 1)))
            #expect(try guest.run() == .debug)
            #expect(guest.vcpu.debugExit.address == addresses[1])
            #expect(guest.vcpu.debugExit.watch == 1)
            // Whoever stands on one steps over it without.
            try guest.vcpu.setStops(stops(.init(.execution, address: addresses[0], length: 1)))
            #expect(try guest.run() == .debug)
            #expect(guest.vcpu.debugExit.address == addresses[0])
            #expect(guest.vcpu.debugExit.watch == 0)
        }

        @Test(.needsKVM) func `floating point registers`() throws {
            let guest = try TinyGuest(Code.halt)
            var state = try guest.vcpu.floatingPoint()
            state.control = 0x27F
            state.status = 3 << 11
            state.tags = 0x81
            state.vectorControl = 0x1FA5
            for index in 0..<8 { state.stack[index] = [UInt8](repeating: UInt8(index), count: 10) }
            for index in 0..<16 {
                state.vectors[index] = (0..<16).map { UInt8(16 * index + $0) }
            }
            try guest.vcpu.setFloatingPoint(state)
            #expect(try guest.vcpu.floatingPoint() == state)
        }

        /// Of debug register 7, as Intel SDM volume 3, 18.2.4 has it.
        @Test func `how watches are told`() {
            let debug = kvm_guest_debug(
                stops(
                    .init(.execution, address: 0x1001, length: 1),
                    .init(.write, address: 0x2000, length: 8),
                    .init(.access, address: 0x3002, length: 2),
                    .init(.write, address: 0x4004, length: 4),
                    .init(.write, address: 0x5000, length: 1)))
            let registers = debug.arch.debugreg
            #expect(
                [registers.0, registers.1, registers.2, registers.3] == [
                    0x1001, 0x2000, 0x3002, 0x4004,
                ])
            #expect(registers.7 == 0xD790_03AA)
            #expect(debug.control == UInt32(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP))
        }

        @Test func `what else is told`() {
            #expect(kvm_guest_debug(DebugStops()).control == 0)
            #expect(kvm_guest_debug(stops(isStepping: true)).control == 3)
            #expect(
                kvm_guest_debug(stops(hasBreakpoints: true)).control
                    == UInt32(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP))
        }

        @Test func `what a debug exit was about`() {
            let breakpoint = DebugExit(exception: 3, address: 1, status: 0xF)
            #expect(breakpoint == DebugExit(address: 1, isBreakpoint: true))
            let step = DebugExit(exception: 1, address: 2, status: 0xFFFF_4FF0)
            #expect(step == DebugExit(address: 2, isStep: true))
            let both = DebugExit(exception: 1, address: 3, status: 0xFFFF_4FF4)
            #expect(both == DebugExit(address: 3, isStep: true, watch: 2))
        }
    #endif
}
