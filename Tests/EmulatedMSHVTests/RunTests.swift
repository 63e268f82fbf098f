import CLinux
import EmulatedMSHV
import Foundation
import Linux
import TestSupport
import Testing

/// What a run answers with, and what it takes to go on.
@Suite(.emulates) struct RunTests {
    private static let port: UInt32 = 0x8001_0000
    private static let halt: UInt32 = 0x8001_0007

    // MARK: Messages

    @Test(
        arguments: [
            (Code.out, 4, 1), (Code.outWord, 2, 2), (Code.outByte, 1, 1),
        ] as [([UInt8], UInt8, UInt8)])
    func portWrites(_ instruction: [UInt8], width: UInt8, length: UInt8) throws {
        let guest = try Guest(Code.eax(0x8765_4321), Code.port(0x508), instruction, Code.halt)
        let message = try guest.run()
        #expect(message.get(0, as: UInt32.self) == Self.port)
        #expect(message.get(4, as: UInt8.self) == 128)
        #expect(message.get(0x10, as: UInt32.self) == 0)
        #expect(message.get(0x14, as: UInt8.self) == length)
        #expect(message.get(0x15, as: UInt8.self) == 1)
        // Protected mode, ring 0.
        #expect(message.get(0x16, as: UInt16.self) == 4)
        #expect(message.get(0x18 + 12, as: UInt16.self) == 8)
        #expect(message.get(0x28, as: UInt64.self) == Monitor.entry + 9)
        #expect(message.get(0x38, as: UInt16.self) == 0x508)
        #expect(message.get(0x3A, as: UInt8.self) == width)
        #expect(message.get(0x3B, as: UInt8.self) == length)
        #expect(message.get(0x40, as: UInt64.self) == 0x8765_4321)
        #expect(Array(message.all[0x48..<(0x48 + instruction.count)]) == instruction)
        #expect(guest.messagePage == message)
    }

    @Test func portsOfImmediateNumbers() throws {
        // Its last byte looks like an instruction itself.
        let guest = try Guest(Code.port(1), Code.outImmediate, Code.halt)
        let message = try guest.run()
        #expect(message.get(0x38, as: UInt16.self) == 0xEF)
        #expect(message.get(0x14, as: UInt8.self) == 2)
        #expect(message.get(0x28, as: UInt64.self) == Monitor.entry + 4)
        guest.skip(message)
        #expect(try guest.run().get(0, as: UInt32.self) == Self.halt)
    }

    @Test(
        arguments: [(Code.in, 1), (Code.inWord, 2), (Code.inByte, 1)] as [([UInt8], UInt8)])
    func portReads(_ instruction: [UInt8], length: UInt8) throws {
        let guest = try Guest(
            Code.eax(0x1111_1111), Code.port(0x3F8), instruction, Code.port(1), Code.out)
        let message = try guest.run()
        #expect(message.get(0, as: UInt32.self) == Self.port)
        #expect(message.get(0x15, as: UInt8.self) == 0)
        #expect(message.get(0x14, as: UInt8.self) == length)
        // RAX is what it was, and stays so unless the VMM sets it.
        #expect(message.get(0x40, as: UInt64.self) == 0x1111_1111)
        guest.skip(message)
        #expect(try guest.run().get(0x40, as: UInt64.self) == 0x1111_1111)
    }

    @Test func portReadsAreTheVMMsToAnswer() throws {
        let guest = try Guest(Code.port(0x3F8), Code.in, Code.port(1), Code.out)
        let message = try guest.run()
        guest.change(8, 0xCAFE, dirty: 1)
        guest.skip(message)
        #expect(try guest.run().get(0x40, as: UInt64.self) == 0xCAFE)
    }

    @Test func strings() throws {
        let guest = try Guest(
            Code.esi(Monitor.data), Code.ecx(8), Code.port(0x501), Code.outString, Code.halt)
        let message = try guest.run()
        #expect(message.get(0, as: UInt32.self) == Self.port)
        #expect(message.get(0x3A, as: UInt8.self) & 8 != 0)
        #expect(try guest.run() == message)
    }

    @Test func halts() throws {
        let guest = try Guest(Code.halt)
        let message = try guest.run()
        #expect(message.get(0, as: UInt32.self) == Self.halt)
        #expect(message.get(4, as: UInt8.self) == 40)
        #expect(message.get(0x28, as: UInt64.self) == Monitor.entry)
        #expect(try guest.run() == message)
    }

    @Test(arguments: [true, false])
    func memoryThatIsNotThere(isWrite: Bool) throws {
        let access = isWrite ? Code.store(Monitor.nowhere + 8) : Code.load(Monitor.nowhere + 8)
        let guest = try Guest(access, Code.halt)
        let message = try guest.run()
        #expect(message.get(0, as: UInt32.self) == 0x8000_0000)
        #expect(message.get(4, as: UInt8.self) == 80)
        #expect(message.get(0x15, as: UInt8.self) == (isWrite ? 1 : 0))
        #expect(message.get(0x48, as: UInt64.self) == UInt64(Monitor.nowhere + 8))
        // There is no telling of a virtual address.
        #expect(message.get(0x3D, as: UInt8.self) == 0)
        #expect(try guest.run() == message)
    }

    @Test func memoryThatMayOnlyBeRead() throws {
        let guest = try Guest(
            isDataWritable: false, Code.load(Monitor.data), Code.store(Monitor.data + 4),
            Code.halt)
        let message = try guest.run()
        #expect(message.get(0, as: UInt32.self) == 0x8000_0001)
        #expect(message.get(0x15, as: UInt8.self) == 1)
        #expect(message.get(0x48, as: UInt64.self) == UInt64(Monitor.data + 4))
    }

    @Test func addressesInTwoParts() throws {
        var faults = Faults()
        faults.splitsAddresses = true
        let guest = try Guest(faults, Code.load(Monitor.nowhere + 8))
        let message = try guest.run()
        #expect(message.get(0x3D, as: UInt8.self) == 1)
        #expect(message.get(0x40, as: UInt64.self) == UInt64(Monitor.nowhere + 8))
        #expect(message.get(0x48, as: UInt64.self) == UInt64(Monitor.nowhere))
    }

    @Test func tripleFaults() throws {
        let guest = try Guest(Code.undefined)
        let message = try guest.run()
        #expect(message.get(0, as: UInt32.self) == 0x8000_0021)
        #expect(message.get(4, as: UInt8.self) == 40)
        #expect(try guest.run() == message)
    }

    // MARK: RIP

    @Test(arguments: [Code.out, Code.in])
    func ripIsNeverAdvanced(_ instruction: [UInt8]) throws {
        let guest = try Guest(Code.eax(1), Code.port(0x500), instruction, Code.halt)
        let message = try guest.run()
        for _ in 1...3 { #expect(try guest.run() == message) }
        let (_, values) = guest.monitor.getRegisters(guest.vp, [0x20010])
        #expect(values == [message.get(0x28)])
        guest.skip(message)
        #expect(try guest.run().get(0, as: UInt32.self) == Self.halt)
        #expect(guest.monitor.device.complaints.isEmpty)
    }

    @Test func ripIsSetByHypercallAsWell() throws {
        let guest = try Guest(Code.eax(1), Code.port(0x500), Code.out, Code.halt)
        let message = try guest.run()
        let past = message.get(0x28, as: UInt64.self) + 1
        #expect(guest.monitor.setRegisters(guest.vp, [(0x20010, past, 0)]).error == nil)
        #expect(try guest.run().get(0, as: UInt32.self) == Self.halt)
    }

    @Test func storesToNowhereEndWithANewRIP() throws {
        let guest = try Guest(
            Code.store(Monitor.nowhere), Code.halt, [UInt8](repeating: 0x90, count: 10), Code.halt)
        let message = try guest.run()
        #expect(try guest.run() == message)
        guest.change(0x88, Monitor.entry + 10, dirty: 2)
        let next = try guest.run()
        #expect(next.get(0, as: UInt32.self) == Self.halt)
        #expect(next.get(0x28, as: UInt64.self) == Monitor.entry + 16)
    }

    // MARK: The register page

    @Test func thePageIsValidAfterAnIntercept() throws {
        let guest = try Guest(Code.eax(0x1234), Code.port(0x500), Code.out, Code.halt)
        #expect(guest.page.get(0, as: UInt16.self) == 1)
        #expect(guest.page.get(2, as: UInt8.self) == 0)
        let message = try guest.run()
        #expect(guest.page.get(2, as: UInt8.self) == 1)
        #expect(guest.page.get(4, as: UInt32.self) == 0)
        #expect(guest.page.get(8, as: UInt64.self) == 0x1234)
        // RDX, the third.
        #expect(guest.page.get(24, as: UInt64.self) == 0x500)
        #expect(guest.page.get(0x88, as: UInt64.self) == message.get(0x28, as: UInt64.self))
        #expect(guest.page.get(0x90, as: UInt64.self) == message.get(0x30, as: UInt64.self))
        guest.skip(message)
        _ = try guest.run()
        #expect(guest.page.get(4, as: UInt32.self) == 0)
    }

    @Test func aPageThatIsNotValidIsNotRead() throws {
        var faults = Faults()
        faults.invalidPage = 1...1
        let guest = try Guest(faults, Code.eax(1), Code.port(0x500), Code.out, Code.halt)
        let message = try guest.run()
        #expect(guest.page.get(2, as: UInt8.self) == 0)
        #expect(guest.page.get(0x88, as: UInt64.self) != message.get(0x28, as: UInt64.self))
        guest.skip(message)
        #expect(try guest.run() == message)
        #expect(guest.monitor.device.complaints.count == 1)
        // Valid again.
        #expect(guest.page.get(2, as: UInt8.self) == 1)
        guest.skip(message)
        #expect(try guest.run().get(0, as: UInt32.self) == Self.halt)
    }

    @Test(arguments: [32, 1 << 31, 4, 8] as [UInt32])
    func unknownDirtyBitsAreComplainedOf(_ bit: UInt32) throws {
        let guest = try Guest(Code.eax(1), Code.port(0x500), Code.out, Code.halt)
        let message = try guest.run()
        guest.skip(message)
        guest.change(0x88, message.get(0x28, as: UInt64.self) + 1, dirty: bit)
        _ = try guest.run()
        #expect(guest.monitor.device.complaints.count == 1)
    }

    @Test func pagesMayBeMissing() throws {
        var faults = Faults()
        faults.hasNoPages = true
        let guest = try Guest(faults, Code.port(0x500), Code.out, Code.halt)
        expectFailure(ENODEV) { () throws(Errno) in
            _ = try MemoryMapping.shared(4096, with: guest.monitor.file(guest.vp))
        }
        let message = try guest.run()
        let past = message.get(0x28, as: UInt64.self) + 1
        #expect(guest.monitor.setRegisters(guest.vp, [(0x20010, past, 0)]).error == nil)
        #expect(try guest.run().get(0, as: UInt32.self) == Self.halt)
    }

    // MARK: Interruption

    @Test func signalsInterrupt() throws {
        let guest = try Guest(Code.loop)
        let signals = Interruptions(every: 1000)
        for _ in 1...3 {
            expectFailure(EINTR) { () throws(Errno) in _ = try guest.run() }
            // There is no message, and so no valid page.
            #expect(guest.page.get(2, as: UInt8.self) == 0)
        }
        try signals.stop()
        let (_, values) = guest.monitor.getRegisters(guest.vp, [0x20010])
        #expect(values == [Monitor.entry])
    }
}
