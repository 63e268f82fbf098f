import Architecture
import Linux
import Testing

@testable import Hypervisor

/// Whether there is a hypervisor to test with.
enum Host {
    /// Why there is none.
    static let whyNoKVM: Comment? = {
        #if arch(x86_64)
            do throws(HypervisorError) {
                _ = try KVM().makeMachine()
                return nil
            } catch {
                return "no KVM here: \(error.description)"
            }
        #else
            return "these guests are for x86_64"
        #endif
    }()

    static let hasKVM = whyNoKVM == nil
}

extension Trait where Self == ConditionTrait {
    /// Skips tests, and says why, where nothing can run a guest. CI has KVM, and runs them.
    static var needsKVM: Self { .enabled(if: Host.hasKVM, Host.whyNoKVM) }
}

/// A few instructions in a machine of their own: 32-bit code without paging.
final class TinyGuest {
    static let memorySize = 0x10000
    static let entry = 0x1000
    /// A page that nobody uses.
    static let data = 0x4000
    /// An address where there is no memory.
    static let nowhere: UInt32 = 0x8000_0000

    private let memory: MemoryMapping
    let vcpu: KVMVCPU

    init(_ code: [UInt8]...) throws {
        let mapping = try MemoryMapping.anonymous(Self.memorySize)
        let bytes = code.flatMap { $0 }
        UnsafeMutableRawBufferPointer(
            start: mapping.base + Self.entry, count: Self.data - Self.entry
        ).copyBytes(from: bytes)
        let machine = try KVM().makeMachine()
        try machine.map(mapping, count: Self.memorySize, at: 0)
        vcpu = try machine.makeVCPU(0)
        memory = mapping
        try vcpu.load(Self.state)
    }

    static let state: BootState = {
        let code = BootState.Segment(selector: 8, type: 11, long: false)
        let data = BootState.Segment(selector: 16, type: 3, long: false)
        return BootState(
            entry: UInt64(entry), stackPointer: 0x3210, arguments: (0x1234_5678, 0x9ABC_DEF0),
            // NE, ET, PE.
            cr0: 0x31, cr3: 0, cr4: 0, efer: 0, gdtBase: 0, gdtLimit: 0, code: code, data: data,
            threadLocal: data)
    }()

    /// Takes from the page `data`, as the tender protects a guest's segments.
    func protectData(readable: Bool) throws {
        try memory.protect(
            offset: Self.data, count: 4096, readable: readable, writable: false)
    }

    /// Runs until something other than a signal stops it.
    func run() throws(HypervisorError) -> Exit {
        while true {
            let exit = try vcpu.run()
            if exit != .interrupted { return exit }
        }
    }
}

/// The instructions that these guests are made of (Intel SDM volume 2).
enum Code {
    static let halt: [UInt8] = [0xF4]
    static let loop: [UInt8] = [0xEB, 0xFE]
    static let undefined: [UInt8] = [0x0F, 0x0B]
    static let cpuid: [UInt8] = [0x0F, 0xA2]

    /// mov dx, port
    static func port(_ number: UInt16) -> [UInt8] { [0x66, 0xBA] + bytes(number) }
    /// mov eax, value
    static func eax(_ value: UInt32) -> [UInt8] { [0xB8] + bytes(value) }
    /// mov ecx, value
    static func ecx(_ value: UInt32) -> [UInt8] { [0xB9] + bytes(value) }
    /// mov esi, value
    static func esi(_ value: UInt32) -> [UInt8] { [0xBE] + bytes(value) }

    /// mov edi, value
    static func edi(_ value: UInt32) -> [UInt8] { [0xBF] + bytes(value) }

    static let outByte: [UInt8] = [0xEE]
    static let outWord: [UInt8] = [0x66, 0xEF]
    static let out: [UInt8] = [0xEF]
    static let inByte: [UInt8] = [0xEC]
    static let inWord: [UInt8] = [0x66, 0xED]
    static let `in`: [UInt8] = [0xED]
    /// rep outsb
    static let outString: [UInt8] = [0xF3, 0x6E]
    /// rep insb, rep insw
    static let inString: [UInt8] = [0xF3, 0x6C]
    static let inWordString: [UInt8] = [0x66, 0xF3, 0x6D]

    /// mov [address], al, ax or eax
    static func storeByte(_ address: UInt32) -> [UInt8] { [0xA2] + bytes(address) }
    static func storeWord(_ address: UInt32) -> [UInt8] { [0x66, 0xA3] + bytes(address) }
    static func store(_ address: UInt32) -> [UInt8] { [0xA3] + bytes(address) }
    /// mov al or eax, [address]
    static func loadByte(_ address: UInt32) -> [UInt8] { [0xA0] + bytes(address) }
    static func load(_ address: UInt32) -> [UInt8] { [0xA1] + bytes(address) }

    /// sidt [address]
    static func storeIDT(_ address: UInt32) -> [UInt8] { [0x0F, 0x01, 0x0D] + bytes(address) }

    /// mov eax, REGISTER, by the register's number
    static func eax(from register: UInt8) -> [UInt8] { [0x89, 0xC0 | register << 3] }

    private static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
