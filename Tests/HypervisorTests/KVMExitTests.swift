import Foundation
import TestSupport
import Testing

@testable import Hypervisor

/// Why guests stop, told by KVM itself.
@Suite(.needsKVM)
struct KVMExitTests {
    // MARK: Ports

    @Test(
        arguments: [
            (Code.out, 4, 0x8765_4321), (Code.outWord, 2, 0x4321), (Code.outByte, 1, 0x21),
        ] as [([UInt8], UInt8, UInt32)])
    func portWrites(_ instruction: [UInt8], width: UInt8, value: UInt32) throws {
        let guest = try TinyGuest(
            Code.eax(.max), Code.port(0x500), Code.out, Code.eax(0x8765_4321), Code.port(0x508),
            instruction, Code.halt)
        // It may leave bytes behind where the next one's are.
        #expect(try guest.run() == .portWrite(port: 0x500, width: 4, value: .max))
        #expect(try guest.run() == .portWrite(port: 0x508, width: width, value: value))
        #expect(try guest.run() == .halt)
    }

    @Test(arguments: [0, 0x4FF, 0x500, 0x600, 0xFFFF] as [UInt16])
    func portNumbers(_ port: UInt16) throws {
        let guest = try TinyGuest(Code.eax(1), Code.port(port), Code.out, Code.halt)
        #expect(try guest.run() == .portWrite(port: port, width: 4, value: 1))
    }

    @Test(
        arguments: [
            (Code.in, 4, 0x8765_4321), (Code.inWord, 2, 0x1111_4321), (Code.inByte, 1, 0x1111_1121),
        ] as [([UInt8], UInt8, UInt32)])
    func portReads(_ instruction: [UInt8], width: UInt8, seen: UInt32) throws {
        let guest = try TinyGuest(
            Code.eax(0x1111_1111), Code.port(0x3F8), instruction, Code.port(1), Code.out)
        #expect(try guest.run() == .portRead(port: 0x3F8, width: width))
        guest.vcpu.finishRead(0xFFFF_FFFF_8765_4321)
        #expect(try guest.run() == .portWrite(port: 1, width: 4, value: seen))
    }

    /// KVM hands over several at once, or says one by one what is repeated.
    @Test func portStrings() throws {
        let guest = try TinyGuest(
            Code.esi(UInt32(TinyGuest.data)), Code.ecx(8), Code.port(0x501), Code.outString,
            Code.halt)
        let exit = try guest.run()
        switch exit {
        case .portString(0x501), .portWrite(0x501, 1, 0): break
        default: Issue.record("\(exit)")
        }
    }

    /// Whether KVM asks for all at once or for one after the other, the guest gets each of them.
    @Test(arguments: [(Code.inString, 1), (Code.inWordString, 2)] as [([UInt8], UInt32)])
    func portStringReads(_ instruction: [UInt8], width: UInt32) throws {
        let start = UInt32(TinyGuest.data)
        let guest = try TinyGuest(
            Code.edi(start), Code.ecx(8 / width), Code.port(0x501), instruction, Code.port(1),
            Code.load(start), Code.out, Code.load(start + 4), Code.out, Code.load(start + 8),
            Code.out)
        var exit = try guest.run()
        while [.portString(port: 0x501), .portRead(port: 0x501, width: UInt8(width))].contains(exit)
        {
            guest.vcpu.finishRead(.max)
            exit = try guest.run()
        }
        #expect(exit == .portWrite(port: 1, width: 4, value: .max))
        #expect(try guest.run() == .portWrite(port: 1, width: 4, value: .max))
        #expect(try guest.run() == .portWrite(port: 1, width: 4, value: 0))
    }

    // MARK: Memory

    @Test(
        arguments: [
            (Code.store(TinyGuest.nowhere), 4, 0x8765_4321),
            (Code.storeWord(TinyGuest.nowhere), 2, 0x4321),
            (Code.storeByte(TinyGuest.nowhere), 1, 0x21),
        ] as [([UInt8], UInt8, UInt64)])
    func storesToNowhere(_ instruction: [UInt8], width: UInt8, value: UInt64) throws {
        let guest = try TinyGuest(
            Code.eax(.max), Code.store(TinyGuest.nowhere), Code.eax(0x8765_4321), instruction,
            Code.halt)
        let address = UInt64(TinyGuest.nowhere)
        #expect(try guest.run() == .mmioWrite(address: address, width: 4, value: 0xFFFF_FFFF))
        #expect(try guest.run() == .mmioWrite(address: address, width: width, value: value))
        #expect(try guest.run() == .halt)
    }

    @Test(
        arguments: [
            (Code.load(TinyGuest.nowhere), 4, 0x8765_4321),
            (Code.loadByte(TinyGuest.nowhere), 1, 0x1111_1121),
        ] as [([UInt8], UInt8, UInt32)])
    func loadsFromNowhere(_ instruction: [UInt8], width: UInt8, seen: UInt32) throws {
        let guest = try TinyGuest(Code.eax(0x1111_1111), instruction, Code.port(1), Code.out)
        #expect(try guest.run() == .mmioRead(address: UInt64(TinyGuest.nowhere), width: width))
        guest.vcpu.finishRead(0xFFFF_FFFF_8765_4321)
        #expect(try guest.run() == .portWrite(port: 1, width: 4, value: seen))
    }

    @Test func memoryEndsWhereItWasSaidTo() throws {
        let end = UInt32(TinyGuest.memorySize)
        let guest = try TinyGuest(Code.store(end - 4), Code.store(end), Code.halt)
        #expect(try guest.run() == .mmioWrite(address: UInt64(end), width: 4, value: 0))
    }

    /// Some KVMs fail the run, others take what is protected for no memory.
    @Test func storesToProtectedMemory() throws {
        let guest = try TinyGuest(Code.store(UInt32(TinyGuest.data)), Code.halt)
        try guest.protectData(readable: true)
        let exit = try guest.run()
        switch exit {
        case .memoryFault, .mmioWrite(UInt64(TinyGuest.data), 4, _): break
        default: Issue.record("\(exit)")
        }
    }

    @Test func loadsFromProtectedMemory() throws {
        let guest = try TinyGuest(Code.load(UInt32(TinyGuest.data)), Code.halt)
        try guest.protectData(readable: false)
        let exit = try guest.run()
        switch exit {
        case .memoryFault, .mmioRead(UInt64(TinyGuest.data), 4): break
        default: Issue.record("\(exit)")
        }
    }

    @Test func loadsFromReadOnlyMemory() throws {
        let guest = try TinyGuest(
            Code.eax(1), Code.load(UInt32(TinyGuest.data)), Code.port(1), Code.out)
        try guest.protectData(readable: true)
        #expect(try guest.run() == .portWrite(port: 1, width: 4, value: 0))
    }

    /// To complete the first half of an access across the end of a page is an exit by itself.
    @Test func exitsWhileRegistersAreRead() throws {
        let end = TinyGuest.nowhere + 0x1000
        let guest = try TinyGuest(Code.eax(0x1122_3344), Code.store(end - 2), Code.halt)
        #expect(
            try guest.run() == .mmioWrite(address: UInt64(end - 2), width: 2, value: 0x3344))
        for _ in 1...2 { #expect(try guest.vcpu.state().rax == 0x1122_3344) }
        #expect(try guest.vcpu.run() == .mmioWrite(address: UInt64(end), width: 2, value: 0x1122))
        for _ in 1...2 { #expect(try guest.vcpu.state().rax == 0x1122_3344) }
        #expect(try guest.run() == .halt)
    }

    // MARK: Ends

    @Test func halts() throws {
        let guest = try TinyGuest(Code.halt)
        #expect(try guest.run() == .halt)
        #expect(try guest.vcpu.state().rip == UInt64(TinyGuest.entry + 1))
    }

    /// An exception with nobody to handle it, twice.
    @Test func shutsDown() throws {
        let guest = try TinyGuest(Code.undefined)
        #expect(try guest.run() == .shutdown)
    }

    @Test func signalsInterrupt() throws {
        let guest = try TinyGuest(Code.loop)
        let signals = Interruptions(every: 1000)
        for _ in 1...3 { #expect(try guest.vcpu.run() == .interrupted) }
        try signals.stop()
        #expect(try guest.vcpu.state().rip == UInt64(TinyGuest.entry))
    }
}
