import Architecture
import CLinux
import Linux
import TestSupport
import Testing

@testable import Hypervisor

/// Machines, their memory, and the state in which their vCPUs start.
@Suite(.needsKVM)
struct KVMMachineTests {
    @Test func knowsCapabilities() throws {
        let kvm = try KVM()
        let memory = kvm.capability(KVM_CAP_USER_MEMORY)
        let nothing = kvm.capability(1_000_000)
        #expect(memory > 0)
        #expect(nothing == 0)
    }

    @Test(arguments: [0, -4096, 0x2000, .max])
    func refusesToMap(_ count: Int) throws {
        let memory = try MemoryMapping.anonymous(0x1000)
        let machine = try KVM().makeMachine()
        do throws(HypervisorError) {
            try machine.map(memory, count: count, at: 0)
            Issue.record("mapped \(count) bytes")
        } catch {
            #expect(
                error == .failed(operation: "map \(count) bytes of guest memory", Errno(EINVAL)))
        }
    }

    @Test func eachCallAddsMemory() throws {
        let code = [
            Code.load(0x8_0000), Code.port(1), Code.out, Code.load(TinyGuest.nowhere), Code.out,
        ]
        let low = try MemoryMapping.anonymous(TinyGuest.memorySize)
        UnsafeMutableRawBufferPointer(start: low.base + TinyGuest.entry, count: 0x1000)
            .copyBytes(from: code.flatMap { $0 })
        let middle = try MemoryMapping.anonymous(0x1000)
        middle.base.storeBytes(of: 0x1111, as: UInt32.self)
        let high = try MemoryMapping.anonymous(0x1000)
        high.base.storeBytes(of: 0x2222, as: UInt32.self)
        let machine = try KVM().makeMachine()
        try machine.map(low, count: TinyGuest.memorySize, at: 0)
        try machine.map(middle, count: 0x1000, at: 0x8_0000)
        try machine.map(high, count: 0x1000, at: UInt64(TinyGuest.nowhere))
        // What is there is not replaced.
        do throws(HypervisorError) {
            try machine.map(high, count: 0x1000, at: 0x8_0000)
            Issue.record("mapped over other memory")
        } catch {
            #expect(
                error == .failed(operation: "map 4096 bytes of guest memory", Errno(EEXIST)))
        }
        let vcpu = try machine.makeVCPU(0)
        try vcpu.load(TinyGuest.state)
        #expect(try vcpu.run() == .portWrite(port: 1, width: 4, value: 0x1111))
        #expect(try vcpu.run() == .portWrite(port: 1, width: 4, value: 0x2222))
    }

    @Test func refusesPartsOfPages() throws {
        let memory = try MemoryMapping.anonymous(0x2000)
        let machine = try KVM().makeMachine()
        for (count, address): (Int, UInt64) in [(0x1001, 0), (0x1000, 0x10)] {
            do throws(HypervisorError) {
                try machine.map(memory, count: count, at: address)
                Issue.record("mapped \(count) bytes at \(address)")
            } catch {
                #expect(
                    error
                        == .failed(operation: "map \(count) bytes of guest memory", Errno(EINVAL)))
            }
        }
    }

    @Test func vCPUsAreUnique() throws {
        let machine = try KVM().makeMachine()
        _ = try machine.makeVCPU(0)
        do throws(HypervisorError) {
            _ = try machine.makeVCPU(0)
            Issue.record("made vCPU 0 twice")
        } catch {
            #expect(error == .failed(operation: "create vCPU 0", Errno(EEXIST)))
        }
    }

    @Test(arguments: [0, 0x123, 0xFFFF] as [UInt16])
    func interruptTables(_ limit: UInt16) throws {
        let place = UInt32(TinyGuest.data)
        let guest = try TinyGuest(
            Code.storeIDT(place), Code.load(place), Code.port(1), Code.out)
        var state = TinyGuest.state
        state.idtLimit = limit
        try guest.vcpu.load(state)
        #expect(try guest.run() == .portWrite(port: 1, width: 4, value: UInt32(limit)))
    }

    @Test func counterHasAFrequency() throws {
        let guest = try TinyGuest(Code.halt)
        do throws(HypervisorError) {
            #expect(try guest.vcpu.counterFrequency() > 1_000_000)
        } catch {
            #expect(error == .unstableCounter)
        }
    }

    // MARK: Registers

    /// By number: EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI.
    @Test(
        arguments: [
            (0, 0), (1, 0), (2, 0), (3, 0), (4, 0x3210), (5, 0), (6, 0x9ABC_DEF0), (7, 0x1234_5678),
        ] as [(UInt8, UInt32)])
    func startsWithRegisters(_ register: UInt8, value: UInt32) throws {
        let guest = try TinyGuest(Code.eax(from: register), Code.port(1), Code.out)
        #expect(try guest.vcpu.state().rip == UInt64(TinyGuest.entry))
        #expect(try guest.run() == .portWrite(port: 1, width: 4, value: value))
    }

    @Test func startsWithSystemRegisters() throws {
        let guest = try TinyGuest(Code.halt)
        var state = kvm_sregs()
        try attempt {
            linux_ioctl(guest.vcpu.descriptor.number, LINUX_KVM_GET_SREGS, &state)
        }
        #expect(state.cr0 == 0x31 && state.cr3 == 0 && state.cr4 == 0 && state.efer == 0)
        #expect(state.gdt.base == 0 && state.gdt.limit == 0)
        #expect(state.idt.base == 0 && state.idt.limit == 0)
        #expect(state.cs.selector == 8 && state.cs.limit == .max && state.cs.dpl == 0)
        #expect(state.cs.l == 0 && state.cs.db == 1 && state.cs.g == 1 && state.cs.s == 1)
        for segment in [state.ss, state.ds, state.es, state.fs, state.gs] {
            #expect(segment.selector == 16 && segment.base == 0 && segment.type == 3)
        }
        #expect(state.tr.type == 11 && state.tr.present == 1)
    }

    @Test func longCodeIsNotShortCode() {
        let long = kvm_segment(BootState.Segment(selector: 8, type: 9, long: true))
        #expect(long.l == 1 && long.db == 0 && long.type == 9 && long.present == 1)
        let short = kvm_segment(BootState.Segment(selector: 8, type: 9, long: false))
        #expect(short.l == 0 && short.db == 1)
    }

    // MARK: CPUID

    @Test func supportedLeavesAreTrimmed() throws {
        let kvm = try KVM()
        let cpuid = try CPUID.supported(by: kvm.descriptor.number)
        #expect(cpuid.entries.contains { $0.function == 1 })
        var again = cpuid
        again.trim()
        for (entry, trimmed) in zip(cpuid.entries, again.entries) {
            #expect(entry.eax == trimmed.eax && entry.ebx == trimmed.ebx)
            #expect(entry.ecx == trimmed.ecx && entry.edx == trimmed.edx)
        }
        for entry in cpuid.entries where entry.function == 1 { #expect(entry.ecx & 1 << 5 == 0) }
        for entry in cpuid.entries where entry.function == 0x8000_0001 {
            #expect(entry.ecx & 1 << 2 == 0)
        }
    }

    /// VMX and SVM, as the instruction itself tells.
    @Test(
        "attack 17: nested virtualization",
        arguments: [(1, 1 << 5), (0x8000_0001, 1 << 2)] as [(UInt32, UInt32)])
    func guestsSeeNoVirtualization(_ function: UInt32, bit: UInt32) throws {
        let guest = try TinyGuest(
            Code.eax(function), Code.ecx(0), Code.cpuid, Code.eax(from: 1), Code.port(1), Code.out)
        guard case .portWrite(1, 4, let value) = try guest.run() else {
            Issue.record("no answer")
            return
        }
        #expect(value & bit == 0)
        // It is the processor's answer: it has a 64-bit mode or SSE3 to offer.
        #expect(value & 1 != 0)
    }
}
