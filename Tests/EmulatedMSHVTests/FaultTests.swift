import CLinux
import EmulatedMSHV
import Linux
import Testing

/// What goes wrong on purpose: once, and at the call that was asked for.
@Suite(.emulates) struct FaultTests {
    private static let guest = [Code.eax(1), Code.port(0x500), Code.out, Code.halt].flatMap { $0 }

    @Test(
        "the n-th call of a kind fails", arguments: Faults.Call.allCases,
        [EINTR, EAGAIN, ENOMEM, EINVAL])
    func calls(_ call: Faults.Call, code: Int32) throws {
        let monitor = try Monitor(Faults(call, 2, code))
        let device = try monitor.open()
        let partition = try monitor.createPartition(device)
        let initialize = { () throws(Errno) -> Void in
            try monitor.call(partition, Request.initializePartition)
        }
        let property = { () throws(Errno) -> Void in
            let result = monitor.setProperty(partition, Interface.Property.timeFreeze, 0)
            if let error = result.error { throw error }
        }
        let memory = { (index: Int) throws(Errno) -> Void in
            try monitor.setMemory(
                partition, gpa: UInt64(index) << 12, offset: index << 12, count: 4096)
        }
        switch call {
        case .open: expectFailure(code) { () throws(Errno) in _ = try monitor.open() }
        case .createPartition:
            expectFailure(code) { () throws(Errno) in _ = try monitor.createPartition(device) }
        case .initializePartition:
            try initialize()
            expectFailure(code, initialize)
        case .createVP:
            try initialize()
            let vp = try monitor.createVP(partition, 0)
            expectFailure(code) { () throws(Errno) in _ = try monitor.createVP(partition, 1) }
            // It was not made.
            #expect(try monitor.createVP(partition, 1) != vp)
        case .setGuestMemory:
            try memory(0)
            expectFailure(code) { () throws(Errno) in try memory(1) }
            try memory(1)
        case .hypercall:
            try property()
            expectFailure(code, property)
            try property()
        case .run:
            let guest = try Guest(Faults(.run, 2, code), Self.guest)
            let message = try guest.run()
            guest.skip(message)
            expectFailure(code) { () throws(Errno) in _ = try guest.run() }
            // Nothing was lost: neither what the page says nor the guest's next step.
            #expect(try guest.run().get(0, as: UInt32.self) == 0x8001_0007)
        }
    }

    @Test func aLackOfMemoryIsToBeTriedAgain() throws {
        var faults = Faults()
        // The first sets registers to begin with.
        faults.memoryLack = 2
        let guest = try Guest(faults, Code.halt)
        let values: [(UInt32, UInt64, UInt64)] = [(0x20000, 7, 0), (0x20001, 8, 0)]
        let lacking = guest.monitor.setRegisters(guest.vp, values)
        #expect(lacking.error == Errno(EAGAIN) && lacking.status == 0xB && lacking.done == 0)
        #expect(guest.monitor.getRegisters(guest.vp, [0x20000]).1 == [0])
        let again = guest.monitor.setRegisters(guest.vp, values)
        #expect(again.error == nil && again.done == 2)
    }

    @Test func repetitionsMayBeFewer() throws {
        var faults = Faults()
        faults.shortCount = 2
        let guest = try Guest(faults, Code.halt)
        let values: [(UInt32, UInt64, UInt64)] = [(0x20000, 7, 0), (0x20001, 8, 0)]
        let short = guest.monitor.setRegisters(guest.vp, values)
        #expect(short.error == nil && short.done == 1)
        #expect(guest.monitor.getRegisters(guest.vp, [0x20000, 0x20001]).1 == [7, 0])
        // Once only.
        #expect(guest.monitor.setRegisters(guest.vp, values).done == 2)
    }

    /// Half of what makes 64-bit mode is nothing that a processor could be in.
    @Test func halfOfAStateIsNoState() throws {
        var faults = Faults()
        faults.shortCount = 2
        let guest = try Guest(faults, Code.halt)
        let values: [(UInt32, UInt64, UInt64)] = [(0x80001, 0x500, 0), (0x20000, 7, 0)]
        let short = guest.monitor.setRegisters(guest.vp, values)
        #expect(short.error == nil && short.done == 1)
        #expect(guest.monitor.getRegisters(guest.vp, [0x80001]).1 == [0x500])
        let message = try guest.run()
        #expect(message.get(0, as: UInt32.self) == 0x8000_0020)
        // The rest makes it one.
        #expect(guest.monitor.setRegisters(guest.vp, [(0x80001, 0, 0)]).error == nil)
        let rip: (UInt32, UInt64, UInt64) = (0x20010, Monitor.entry, 0)
        #expect(guest.monitor.setRegisters(guest.vp, [rip]).error == nil)
        #expect(try guest.run().get(0, as: UInt32.self) == 0x8001_0007)
    }

    @Test func messagesMayBeUnknown() throws {
        var faults = Faults()
        faults.unknownMessage = 2
        let guest = try Guest(faults, Self.guest)
        let message = try guest.run()
        guest.skip(message)
        #expect(try guest.run().get(0, as: UInt32.self) == 0x8001_FFFF)
    }
}
