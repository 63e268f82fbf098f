import CLinux
import EmulatedMSHV
import Linux
import Testing

/// Hypercalls that the device passes on.
@Suite(.emulates) struct HypercallTests {
    private typealias Code_ = Interface.Code
    private typealias Property = Interface.Property

    private func partition(_ faults: Faults = Faults()) throws -> (Monitor, Int32) {
        let monitor = try Monitor(faults)
        return (monitor, try monitor.createPartition(monitor.open()))
    }

    @Test(arguments: [0x46, 0x40, 0, 0x5C] as [UInt16])
    func othersAreNotPassedOn(_ code: UInt16) throws {
        let (monitor, partition) = try partition()
        #expect(
            monitor.hypercall(partition, code, Bytes(count: 16)).error == Errno(EINVAL))
    }

    @Test func theRequestIsChecked() throws {
        let (monitor, partition) = try partition()
        let input = Bytes(count: 16)
        for size: UInt16 in [0, 7, 4097] {
            let result = monitor.hypercall(
                partition, Code_.getProperty, input, output: 8, inputSize: size)
            #expect(result.error == Errno(EINVAL))
        }
        let results = [
            monitor.hypercall(partition, Code_.getProperty, input, output: 4097),
            monitor.hypercall(partition, Code_.getProperty, input, output: 8, status: 1),
            monitor.hypercall(partition, Code_.getProperty, input, output: 8, reserved: 1),
        ]
        for result in results { #expect(result.error == Errno(EINVAL)) }
    }

    // MARK: Properties

    @Test func earlyPropertiesAreSetBeforeInitialization() throws {
        let (monitor, partition) = try partition()
        let features = Property.syntheticProcessorFeatures
        #expect(monitor.setProperty(partition, features, 0).error == nil)
        try monitor.call(partition, Request.initializePartition)
        let late = monitor.setProperty(partition, features, 0)
        #expect(late.error == Errno(EIO) && late.status == 7)
        // Others can still be set.
        #expect(monitor.setProperty(partition, Property.timeFreeze, 1).error == nil)
        #expect(monitor.setProperty(partition, Property.unimplementedMSRAction, 1).error == nil)
    }

    @Test func propertiesAreNotSetByVPs() throws {
        let guest = try Guest(Code.halt)
        let result = guest.monitor.setProperty(guest.vp, Property.timeFreeze, 0)
        #expect(result.error == Errno(EINVAL))
    }

    @Test func unknownPropertiesAreRefused() throws {
        let (monitor, partition) = try partition()
        let result = monitor.setProperty(partition, 0x0009_0009, 0)
        #expect(result.error == Errno(EIO) && result.status == 9)
    }

    /// KVM's frequency, in Hz, before and after there is a VP.
    @Test func theFrequencyIsTheHosts() throws {
        let guest = try Guest(Code.halt)
        let (monitor, partition) = try partition()
        var input = Bytes(count: 16)
        input.set(8, Property.clockFrequency)
        let first = monitor.hypercall(partition, Code_.getProperty, input, output: 8)
        let second = guest.monitor.hypercall(
            guest.partition, Code_.getProperty, input, output: 8)
        let hertz: UInt64 = first.output.get(0)
        #expect(first.error == nil && hertz == second.output.get(0, as: UInt64.self))
        #expect(hertz > 100_000_000 && hertz < 20_000_000_000 && hertz % 1000 == 0)
    }

    // MARK: Registers

    @Test func registersAreSetAndRead() throws {
        let guest = try Guest(Code.halt)
        let monitor = guest.monitor
        let names: [UInt32] = [0x20000, 0x2000F, 0x20010, 0x20011, 0x40000]
        #expect(
            monitor.setRegisters(
                guest.vp, [(0x20000, 0x1111_2222_3333, 0), (0x2000F, 0x4444, 0)]
            ).error == nil)
        let (result, values) = monitor.getRegisters(guest.vp, names)
        #expect(result.error == nil && result.done == 5)
        #expect(values[0...2] == [0x1111_2222_3333, 0x4444, 0x1000])
        #expect(values[4] & 0x31 == 0x31)
        #expect(monitor.device.complaints.isEmpty)
    }

    /// Segments and tables, which are 16 bytes each.
    @Test func wideRegistersKeepTheirFields() throws {
        let guest = try Guest(Code.halt)
        let table: (UInt32, UInt64, UInt64) = (0x70001, 0x1234 << 48, 0x2000)
        #expect(guest.monitor.setRegisters(guest.vp, [table]).error == nil)
        let (result, values) = guest.monitor.getRegisters(guest.vp, [0x70001, 0x60001, 0x60006])
        #expect(values[0] == 0x1234 << 48)
        #expect(result.output.get(8, as: UInt64.self) == 0x2000)
        // CS: limit, selector 8, and the attributes of code.
        #expect(result.output.get(16 + 8, as: UInt32.self) == .max)
        #expect(result.output.get(16 + 12, as: UInt16.self) == 8)
        #expect(result.output.get(16 + 14, as: UInt16.self) == 0xC09B)
        // LDTR: not present.
        #expect(result.output.get(32 + 14, as: UInt16.self) & 0x80 == 0)
    }

    @Test func namesThatAreNoneAreRefused() throws {
        let guest = try Guest(Code.halt)
        let set = guest.monitor.setRegisters(guest.vp, [(0x20000, 1, 0), (0x99, 0, 0)])
        #expect(set.error == Errno(EINVAL) && set.status == 5 && set.done == 1)
        let (get, _) = guest.monitor.getRegisters(guest.vp, [0x99])
        #expect(get.error == Errno(EINVAL) && get.status == 5 && get.done == 0)
        // The emulation may lack a register that a hypervisor has.
        #expect(guest.monitor.device.complaints.count == 2)
    }

    @Test func valuesThatCanNotBeAreRefused() throws {
        let guest = try Guest(Code.halt)
        // EFER.LMA without paging.
        let result = guest.monitor.setRegisters(guest.vp, [(0x80001, 1 << 10 | 1 << 8, 0)])
        #expect(result.error == Errno(EINVAL) && result.status == 0x50)
    }

    @Test func otherVPsAreNotThere() throws {
        let guest = try Guest(Code.halt)
        let result = guest.monitor.setRegisters(guest.vp, [(0x20000, 1, 0)], vp: 1)
        #expect(result.error == Errno(EINVAL) && result.status == 0xE)
    }

    /// What a VMM sets where the reset state is not what a guest expects.
    @Test func floatingPointUnitsHaveTheirControl() throws {
        let guest = try Guest(Code.halt)
        let values: [(UInt32, UInt64, UInt64)] = [(0x30018, 0x37F, 0), (0x30019, 0, 0x1F80)]
        #expect(guest.monitor.setRegisters(guest.vp, values).error == nil)
        let (result, read) = guest.monitor.getRegisters(guest.vp, [0x30018, 0x30019])
        #expect(read[0] & 0xFFFF == 0x37F)
        #expect(result.output.get(16 + 8, as: UInt32.self) == 0x1F80)
    }

    @Test func onlySomeHypercallsAreRepeated() throws {
        let (monitor, partition) = try partition()
        var input = Bytes(count: 24)
        input.set(8, Property.timeFreeze)
        let result = monitor.hypercall(partition, Code_.setProperty, input, repetitions: 1)
        #expect(result.error == Errno(EINVAL) && result.status == 3)
    }

    /// The kernel sets it whatever it was.
    @Test func thePartitionsIDIsIgnored() throws {
        let (monitor, partition) = try partition()
        var input = Bytes(count: 24)
        input.set(0, UInt64.max)
        input.set(8, Property.timeFreeze)
        #expect(monitor.hypercall(partition, Code_.setProperty, input).error == nil)
    }

    @Test func inputsMustHoldAllRepetitions() throws {
        let guest = try Guest(Code.halt)
        let result = guest.monitor.hypercall(
            guest.vp, Code_.setRegisters, Bytes(count: 16 + 32), repetitions: 2)
        #expect(result.error == Errno(EINVAL) && result.status == 3)
    }

    // MARK: CPUID

    /// What the guest sees is up to KVM, which does not see CPUID on every host.
    @Test func resultsOfCPUIDAreTheVMMs() throws {
        let guest = try Guest(Code.halt)
        var query = Bytes(count: 24 + 24)
        query.set(24, UInt32(1))
        func told() -> UInt32 {
            let result = guest.monitor.hypercall(
                guest.vp, Code_.getCPUID, query, repetitions: 1, output: 16)
            #expect(result.error == nil && result.done == 1)
            return result.output.get(8)
        }
        let before = told()
        var input = Bytes(count: 60)
        input.set(0xC, UInt32(2))
        input.set(0x10, UInt32(1))
        // ECX: bit 13, CX16, is hidden; bit 30 is set.
        input.set(0x2C, UInt32(1) << 30)
        input.set(0x30, UInt32(1) << 30 | 1 << 13)
        let code = Code_.registerInterceptResult
        #expect(guest.monitor.hypercall(guest.vp, code, input).error == nil)
        #expect(before & 1 << 13 != 0)
        #expect(told() == before & ~(1 << 13) | 1 << 30)
        _ = try guest.run()
        // The emulation can't change it any more, and says so.
        #expect(guest.monitor.hypercall(guest.vp, code, input).error == Errno(EIO))
        #expect(guest.monitor.device.complaints.count == 1)
    }
}
