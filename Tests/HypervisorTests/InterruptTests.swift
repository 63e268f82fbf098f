import Architecture
import CLinux
import Linux
import Synchronization
import TestSupport
import Testing

@testable import Hypervisor

/// Machines with interrupt controllers.
@Suite(.needsKVM)
struct InterruptTests {
    /// A few instructions in such a machine.
    private final class Guest {
        let memory: MemoryMapping
        let machine: KVMMachine
        let vcpu: KVMVCPU

        init(_ code: [UInt8]..., index: UInt32 = 0, hasTimer: Bool = false) throws {
            let mapping = try MemoryMapping.anonymous(TinyGuest.memorySize)
            UnsafeMutableRawBufferPointer(
                start: mapping.base + TinyGuest.entry, count: TinyGuest.memorySize / 2
            ).copyBytes(from: code.flatMap { $0 })
            machine = try KVM().makeMachine()
            try machine.map(mapping, count: TinyGuest.memorySize, at: 0)
            try machine.addInterruptControllers(hasTimer: hasTimer)
            vcpu = try machine.makeVCPU(
                index, of: index + 1, brand: "a brand of 29 characters only")
            memory = mapping
            try vcpu.load(TinyGuest.state)
        }

        func run() throws(HypervisorError) -> Exit {
            while true {
                let exit = try vcpu.run()
                if exit != .interrupted { return exit }
            }
        }
    }

    /// Whatever its number, and though nobody wakes it.
    @Test(arguments: [0, 1, 7] as [UInt32], [false, true])
    func runs(_ index: UInt32, hasTimer: Bool) throws {
        let guest = try Guest(
            Code.eax(5), Code.port(0x10), Code.out, index: index, hasTimer: hasTimer)
        #expect(try guest.run() == .portWrite(port: 0x10, width: 4, value: 5))
    }

    @Test func severalVCPUs() throws {
        let guest = try Guest(Code.port(0x10), Code.out)
        let second = try guest.machine.makeVCPU(1, of: 2, brand: "")
        try second.load(TinyGuest.state)
        #expect(try second.run() == .portWrite(port: 0x10, width: 4, value: 0))
        #expect(try guest.run() == .portWrite(port: 0x10, width: 4, value: 0))
    }

    @Test func impossibleVCPUs() throws {
        let guest = try Guest(Code.halt)
        do throws(HypervisorError) {
            _ = try guest.machine.makeVCPU(1_000_000, of: 1_000_001, brand: "")
            Issue.record("made it")
        } catch {
            #expect(error.description.contains("create vCPU 1000000"))
        }
    }

    @Test(arguments: [false, true]) func registers(_ isPrefetched: Bool) throws {
        let guest = try Guest(Code.port(0x10), Code.out)
        if isPrefetched { guest.vcpu.prefetchRegisters() }
        _ = try guest.run()
        #expect(try guest.vcpu.argument() == TinyGuest.state.arguments.0)
        #expect(try guest.vcpu.translation() == AddressTranslation(.off, root: 0))
    }

    @Test func pageTableRootHasNoFlags() throws {
        let guest = try Guest(Code.port(0x10), Code.out)
        var state = TinyGuest.state
        state.cr3 = 0x5018
        try guest.vcpu.load(state)
        #expect(try guest.vcpu.translation() == AddressTranslation(.off, root: 0x5000))
    }

    @Test func theControllerIsThere() throws {
        let guest = try Guest(Code.halt)
        var state = kvm_sregs()
        try attempt {
            linux_ioctl(guest.vcpu.descriptor.number, LINUX_KVM_GET_SREGS, &state)
        }
        #expect(state.apic_base == 0xFEE0_0900)
    }

    // MARK: Strings

    /// rep insd, and then what was read.
    @Test func strings() throws {
        let target: [UInt8] = [0xBF, 0, 0x40, 0, 0]
        let guest = try Guest(
            Code.port(0x10), Code.ecx(3), target, [0xF3, 0x6D], Code.load(0x4008), Code.out,
            Code.load(0x400C), Code.out)
        #expect(try guest.run() == .portString(port: 0x10))
        guest.vcpu.finishRead(0x1_1234_5678)
        #expect(try guest.run() == .portWrite(port: 0x10, width: 4, value: 0x1234_5678))
        #expect(try guest.run() == .portWrite(port: 0x10, width: 4, value: 0))
    }

    // MARK: Ends

    @Test func exitsAtOnceIfAskedBefore() throws {
        let guest = try Guest(Code.port(0x10), Code.out)
        guest.vcpu.requestExit()
        guest.vcpu.requestExit()
        #expect(try guest.vcpu.run() == .interrupted)
        #expect(try guest.vcpu.run() == .portWrite(port: 0x10, width: 4, value: 0))
    }

    /// Looking at the registers takes a run of its own.
    @Test func aRequestOutlastsALook() throws {
        let guest = try Guest(Code.port(0x10), Code.out)
        guest.vcpu.requestExit()
        _ = try guest.vcpu.state()
        #expect(try guest.vcpu.run() == .interrupted)
        #expect(try guest.vcpu.run() == .portWrite(port: 0x10, width: 4, value: 0))
    }

    private final class Number: Sendable {
        let value = Atomic<Int32>(0)
    }

    @Test(arguments: [Code.loop, Code.halt]) func stopsWhenInterrupted(_ code: [UInt8]) throws {
        let guest = try Guest(code)
        nonisolated(unsafe) let vcpu = guest.vcpu
        try Thread.prepareInterruptions()
        let number = Number()
        let thread = try Thread.start {
            Thread.allowInterruptions()
            number.value.store(Thread.currentNumber, ordering: .sequentiallyConsistent)
            while (try? vcpu.run()) != .interrupted {}
        }
        usleep(20_000)
        while number.value.load(ordering: .sequentiallyConsistent) == 0 { _ = sched_yield() }
        vcpu.requestExit()
        Thread.interrupt(number.value.load(ordering: .sequentiallyConsistent))
        thread.join()
    }

    // MARK: Events

    @Test func doorbells() throws {
        let guest = try Guest(
            Code.port(0x20), Code.outByte, Code.out, Code.store(TinyGuest.nowhere),
            Code.storeByte(TinyGuest.nowhere), Code.port(0x30), Code.out)
        let port = try EventDescriptor()
        let memory = try EventDescriptor()
        try guest.machine.connect(.port(0x20), toEvent: port.number)
        try guest.machine.connect(
            .memory(address: UInt64(TinyGuest.nowhere)), toEvent: memory.number)
        #expect(try guest.run() == .portWrite(port: 0x30, width: 4, value: 0))
        let (rangPort, rangMemory) = (port.clear(), memory.clear())
        #expect(rangPort && rangMemory)
    }

    @Test func badEvents() throws {
        let guest = try Guest(Code.halt)
        #expect(throws: HypervisorError.self) {
            try guest.machine.connect(.port(0x20), toEvent: -1)
        }
        #expect(throws: HypervisorError.self) {
            try guest.machine.connectEvent(-1, toLine: 11)
        }
        #expect(throws: HypervisorError.self) {
            try guest.machine.connectEnds(ofLine: 11, toEvent: -1, besides: -1)
        }
    }

    @Test func interruptLines() throws {
        let guest = try Guest(Code.halt)
        let event = try EventDescriptor()
        let end = try EventDescriptor()
        let idle = try EventDescriptor()
        try guest.machine.connectEvent(event.number, toLine: 11)
        try guest.machine.connectEnds(ofLine: 11, toEvent: end.number, besides: idle.number)
        event.signal()
        // The kernel takes the signal.
        let isLeft = event.wait(upTo: 20_000_000)
        #expect(!isLeft)
    }

    // MARK: CPUID

    private func leaf(_ function: UInt32, id: UInt32) -> kvm_cpuid_entry2? {
        let functions: [UInt32] = [
            1, 0xB, 0x1F, 0x8000_0002, 0x8000_0003, 0x8000_0004, 0x8000_001E, 7,
        ]
        let cpuid = CPUID(
            entries: functions.map {
                kvm_cpuid_entry2(
                    function: $0, index: 0, flags: 0, eax: 0, ebx: 0, ecx: 0, edx: 0,
                    padding: (0, 0, 0))
            })
        return cpuid.normalized(
            Topology(id: id, count: 201), brand: "uhyve - unikernel hypervisor",
            registers: .withInterrupts
        ).withInterrupts(hasDeadlineTimer: true).entries.first { $0.function == function }
    }

    @Test(arguments: [0, 1, 200] as [UInt32]) func identities(_ id: UInt32) {
        // Among 201, which makes it a processor of several.
        #expect(leaf(1, id: id)?.ebx == id << 24 | 201 << 16)
        #expect(leaf(0xB, id: id)?.edx == id && leaf(0x1F, id: id)?.edx == id)
        #expect(leaf(0x8000_001E, id: id)?.eax == id)
        #expect(
            leaf(1, id: id)?.ecx == 1 << 31 | 1 << 24 && leaf(1, id: id)?.edx == 1 << 28 | 1 << 5)
        #expect(leaf(7, id: id)?.ebx == 0)
    }

    @Test func brands() {
        var text: [UInt8] = []
        for function: UInt32 in 0x8000_0002...0x8000_0004 {
            guard let entry = leaf(function, id: 0) else { continue }
            for word in [entry.eax, entry.ebx, entry.ecx, entry.edx] { text += littleEndian(word) }
        }
        #expect(text.prefix(28) == ArraySlice("uhyve - unikernel hypervisor".utf8))
        #expect(text.count == 48 && text.dropFirst(28).allSatisfy { $0 == 0 })
    }
}
