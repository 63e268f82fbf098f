import CLinux
import Linux
import Testing

@testable import Hypervisor

/// Which model-specific registers guests can use.
@Suite("Register filters", .needsKVM) struct RegisterFilterTests {
    // Skipped, and said to be, on kernels before 5.10; those of CI are newer.
    private static let whyNoFilter: Comment? = {
        do {
            let machine = try KVM().makeMachine()
            return machine.features.filtersRegisters ? nil : "this kernel's KVM has no filter"
        } catch {
            return "no KVM here"
        }
    }()

    private static let read: [UInt8] = [0x0F, 0x32]
    private static let write: [UInt8] = [0x0F, 0x30]

    /// Accesses a register; without a table of interrupts, a fault ends the guest.
    private func exit(
        _ filter: RegisterFilter, _ register: UInt32, _ access: [UInt8]
    ) throws -> Exit {
        let mapping = try MemoryMapping.anonymous(TinyGuest.memorySize)
        // What is written is what was read, or 0.
        let first = access == Self.write && !Self.writesZero.contains(register) ? Self.read : []
        let code = [
            Code.ecx(register), first, access, Code.eax(7), Code.port(1), Code.out,
        ].flatMap { $0 }
        UnsafeMutableRawBufferPointer(start: mapping.base + TinyGuest.entry, count: code.count)
            .copyBytes(from: code)
        let machine = try KVM().makeMachine()
        try machine.map(mapping, count: TinyGuest.memorySize, at: 0)
        let vcpu: KVMVCPU
        switch filter {
        case .withoutInterrupts: vcpu = try machine.makeVCPU(0)
        case .withInterrupts:
            try machine.addInterruptControllers(hasTimer: false)
            vcpu = try machine.makeVCPU(0, of: 1, brand: "")
        }
        try vcpu.load(TinyGuest.state)
        while true {
            let exit = try vcpu.run()
            if exit != .interrupted { return exit }
        }
    }

    /// Registers that can be written and not read.
    private static let writesZero: Set<UInt32> = [0x4B56_4D01, 0x49, 0x176]
    private static let done = Exit.portWrite(port: 1, width: 4, value: 7)

    @Test(
        "attack 17: registers that guests have",
        .enabled(if: whyNoFilter == nil, whyNoFilter),
        arguments: [
            (.withoutInterrupts, [0xC000_0080, 0xC000_0100, 0xC000_0101]),
            (
                .withInterrupts,
                [
                    0x10, 0x1B, 0x1A0, 0x277, 0xC000_0080, 0xC000_0081, 0xC000_0082, 0xC000_0083,
                    0xC000_0084, 0xC000_0100, 0xC000_0101, 0xC000_0102,
                ]
            ),
        ] as [(RegisterFilter, [UInt32])])
    func allowed(_ filter: RegisterFilter, _ registers: [UInt32]) throws {
        for register in registers {
            #expect(try exit(filter, register, Self.read) == Self.done, "read 0x\(hex(register))")
            let isReadOnly = filter.allowed.contains {
                $0.numbers.contains(register) && $0.isReadOnly
            }
            let exit = try exit(filter, register, Self.write)
            #expect((exit == Self.done) == !isReadOnly, "write 0x\(hex(register)): \(exit)")
        }
    }

    /// KVM would do most of these without a filter.
    @Test(
        "attack 17: registers that guests are kept from",
        .enabled(if: whyNoFilter == nil, whyNoFilter), arguments: RegisterFilter.allCases)
    func denied(_ filter: RegisterFilter) throws {
        // Adjustment of the counter, machine checks, SYSENTER, MTRRs, KVM's clock, AMD's own.
        var registers: [UInt32] = [
            0x3B, 0x179, 0x174, 0x176, 0xFE, 0x2FF, 0x4B56_4D00, 0x4B56_4D01, 0xC001_0015,
        ]
        if filter == .withoutInterrupts {
            registers += [0x10, 0x1B, 0x1A0, 0x277, 0x6E0, 0x802, 0xC000_0082, 0xC000_0102]
        }
        for register in registers {
            for access in [Self.read, Self.write] {
                let exit = try exit(filter, register, access)
                #expect(exit != Self.done, "0x\(hex(register))")
            }
        }
    }

    private func hex(_ number: UInt32) -> String { String(number, radix: 16) }

    @Test("A kernel without a filter is told of")
    func lacks() throws {
        let machine = try KVM().makeMachine()
        #expect(machine.missingProtections().isEmpty == machine.features.filtersRegisters)
        let old = KVMMachine(
            descriptor: try FileDescriptor.open("/dev/null", O_RDONLY), runPageSize: 4096,
            features: KVMFeatures(
                cpuid: CPUID(entries: []), tellsCounterFrequency: true, filtersRegisters: false))
        #expect(old.missingProtections().count == 1)
        // It does not try.
        try old.restrictRegisters(to: .withInterrupts)
    }
}
