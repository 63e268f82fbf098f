import CLinux
import EmulatedMSHV
import Linux
import Testing

/// A VMM of the simplest kind: it makes calls with bytes of its own, and returns what they answer.
final class Monitor {
    let device: EmulatedMSHV
    /// Addresses of 64 KiB of memory, for guests and for structs: they stay where they are.
    let memory: MemoryMapping
    private var structs: MemoryMapping
    private var nextNumber: Int32 = 1000

    static let memorySize = 0x10000
    /// Where guests begin.
    static let entry: UInt64 = 0x1000
    /// A page that is theirs.
    static let data: UInt32 = 0x4000
    /// Where no memory is.
    static let nowhere: UInt32 = 0x8000_0000

    init(_ faults: Faults = Faults()) throws {
        device = EmulatedMSHV(faults: faults)
        memory = try MemoryMapping.anonymous(Self.memorySize)
        structs = try MemoryMapping.anonymous(0x4000)
    }

    // MARK: Calls

    func open() throws(Errno) -> Int32 { adopt(try device.open()) }

    private func adopt(_ object: any EmulatedMSHV.Object) -> Int32 {
        nextNumber += 1
        device.adopt(object, as: nextNumber)
        files[nextNumber] = object.fileNumber
        return nextNumber
    }

    private var files: [Int32: Int32] = [:]

    /// The file of the emulation's that a descriptor is for.
    func file(_ descriptor: Int32) -> Int32 { files[descriptor, default: -1] }

    /// Makes a call with a struct, which is what the call left in it afterwards.
    @discardableResult
    func call(
        _ descriptor: Int32, _ request: UInt, _ argument: inout Bytes
    ) throws(Errno) -> Int32 {
        let place = structs.base
        place.copyMemory(from: argument.all, byteCount: argument.count)
        defer {
            argument = Bytes(
                Array(UnsafeRawBufferPointer(start: place, count: argument.count)))
        }
        return try call(descriptor, request, UInt(bitPattern: place))
    }

    @discardableResult
    func call(
        _ descriptor: Int32, _ request: UInt, _ argument: UInt = 0
    ) throws(Errno) -> Int32 {
        switch try device.ioctl(descriptor, request, argument) {
        case .value(let value): value
        case .opened(let object): adopt(object)
        }
    }

    // MARK: Structs

    func createPartition(
        _ device: Int32, flags: UInt64 = 0, isolation: UInt64 = 0
    ) throws(Errno) -> Int32 {
        var create = Bytes(count: 16)
        create.set(0, flags)
        create.set(8, isolation)
        return try call(device, Interface.Request.createPartition, &create)
    }

    func createVP(_ partition: Int32, _ index: UInt32 = 0) throws(Errno) -> Int32 {
        var argument = Bytes(count: 4)
        argument.set(0, index)
        return try call(partition, Interface.Request.createVP, &argument)
    }

    /// - Parameter offset: in this VMM's memory.
    func setMemory(
        _ partition: Int32, gpa: UInt64, offset: Int, count: UInt64, flags: UInt8 = 3,
        reserved: UInt8 = 0
    ) throws(Errno) {
        var region = Bytes(count: 32)
        region.set(0, count)
        region.set(8, gpa >> 12)
        region.set(16, UInt64(UInt(bitPattern: memory.base + offset)))
        region.set(24, flags)
        region.set(31, reserved)
        try call(partition, Interface.Request.setGuestMemory, &region)
    }

    /// What a hypercall left: its status, repetitions and output; and the error, if it failed.
    struct Result {
        var error: Errno?
        var status: UInt16
        var done: UInt16
        var output: Bytes
    }

    func hypercall(
        _ descriptor: Int32, _ code: UInt16, _ input: Bytes, repetitions: UInt16 = 0,
        output: UInt16 = 0, status: UInt16 = 0, inputSize: UInt16? = nil, reserved: UInt8 = 0
    ) -> Result {
        let (inputPlace, outputPlace) = (structs.base + 0x1000, structs.base + 0x2000)
        inputPlace.copyMemory(from: input.all, byteCount: input.count)
        var request = Bytes(count: 32)
        request.set(0, code)
        request.set(2, repetitions)
        request.set(4, inputSize ?? UInt16(input.count))
        request.set(6, output)
        request.set(8, status)
        request.set(15, reserved)
        request.set(16, UInt64(UInt(bitPattern: inputPlace)))
        request.set(24, output == 0 ? 0 : UInt64(UInt(bitPattern: outputPlace)))
        var error: Errno?
        do throws(Errno) {
            try call(descriptor, Interface.Request.hypercall, &request)
        } catch let failure {
            error = failure
        }
        return Result(
            error: error, status: request.get(8), done: request.get(2),
            output: Bytes(
                Array(UnsafeRawBufferPointer(start: outputPlace, count: Int(output)))))
    }

    func setProperty(_ descriptor: Int32, _ code: UInt32, _ value: UInt64) -> Result {
        var input = Bytes(count: 24)
        input.set(8, code)
        input.set(16, value)
        return hypercall(descriptor, Interface.Code.setProperty, input)
    }

    func setRegisters(
        _ descriptor: Int32, _ values: [(name: UInt32, low: UInt64, high: UInt64)],
        vp: UInt32 = 0
    ) -> Result {
        var input = Bytes(count: 16 + values.count * 32)
        input.set(8, vp)
        for (index, value) in values.enumerated() {
            input.set(16 + index * 32, value.name)
            input.set(32 + index * 32, value.low)
            input.set(40 + index * 32, value.high)
        }
        return hypercall(
            descriptor, Interface.Code.setRegisters, input, repetitions: UInt16(values.count))
    }

    /// The low halves.
    func getRegisters(_ descriptor: Int32, _ names: [UInt32]) -> (Result, [UInt64]) {
        var input = Bytes(count: 16 + names.count * 4)
        for (index, name) in names.enumerated() { input.set(16 + index * 4, name) }
        let result = hypercall(
            descriptor, Interface.Code.getRegisters, input, repetitions: UInt16(names.count),
            output: UInt16(names.count * 16))
        return (result, names.indices.map { result.output.get($0 * 16) })
    }
}

/// A VP with some code, at its beginning: 32-bit code without paging.
final class Guest {
    let monitor: Monitor
    let device: Int32
    let partition: Int32
    let vp: Int32

    /// - Parameter isDataWritable: whether the guest may write to page `Monitor.data`.
    init(faults: Faults, isDataWritable: Bool, code: [[UInt8]]) throws {
        monitor = try Monitor(faults)
        let bytes = code.flatMap { $0 }
        (monitor.memory.base + Int(Monitor.entry)).copyMemory(from: bytes, byteCount: bytes.count)
        device = try monitor.open()
        partition = try monitor.createPartition(device)
        try monitor.call(partition, Interface.Request.initializePartition)
        vp = try monitor.createVP(partition)
        let data = UInt64(Monitor.data)
        try monitor.setMemory(partition, gpa: 0, offset: 0, count: data)
        try monitor.setMemory(
            partition, gpa: data, offset: Int(data), count: 0x1000, flags: isDataWritable ? 1 : 0)
        let result = monitor.setRegisters(vp, Self.registers)
        try #require(result.error == nil && Int(result.done) == Self.registers.count)
    }

    convenience init(_ code: [UInt8]...) throws {
        try self.init(faults: Faults(), isDataWritable: true, code: code)
    }

    convenience init(_ faults: Faults, _ code: [UInt8]...) throws {
        try self.init(faults: faults, isDataWritable: true, code: code)
    }

    convenience init(isDataWritable: Bool, _ code: [UInt8]...) throws {
        try self.init(faults: Faults(), isDataWritable: isDataWritable, code: code)
    }

    /// Code and data segments of 4 GiB, protected mode, and where to begin.
    static let registers: [(name: UInt32, low: UInt64, high: UInt64)] = {
        let code: UInt64 = 0xC09B << 48 | 8 << 32 | 0xFFFF_FFFF
        let data: UInt64 = 0xC093 << 48 | 16 << 32 | 0xFFFF_FFFF
        let task: UInt64 = 0x008B << 48 | 0xFFFF
        return [
            (0x60001, 0, code), (0x60003, 0, data), (0x60000, 0, data), (0x60004, 0, data),
            (0x60005, 0, data), (0x60002, 0, data), (0x60007, 0, task), (0x60006, 0, 0),
            (0x70001, 0, 0), (0x70000, 0, 0), (0x40000, 0x31, 0), (0x40002, 0, 0), (0x40003, 0, 0),
            (0x80001, 0, 0), (0x20010, Monitor.entry, 0), (0x20011, 2, 0), (0x20004, 0x3000, 0),
        ]
    }()

    /// Runs it to its next message.
    func run() throws(Errno) -> Bytes {
        var message = Bytes([UInt8](repeating: 0xEE, count: 256))
        try monitor.call(vp, Interface.Request.run, &message)
        return message
    }

    // MARK: The register page

    var page: Bytes {
        var page = Bytes(count: 4096)
        page.all.withUnsafeMutableBytes {
            _ = pread(monitor.file(vp), $0.baseAddress, $0.count, 0)
        }
        return page
    }

    /// Page 1.
    var messagePage: Bytes {
        var page = Bytes(count: 256)
        page.all.withUnsafeMutableBytes {
            _ = pread(monitor.file(vp), $0.baseAddress, $0.count, 4096)
        }
        return page
    }

    /// Stores a register in the page, and says so.
    func change(_ offset: Int, _ value: UInt64, dirty: UInt32) {
        var (value, dirty) = (value, page.get(4, as: UInt32.self) | dirty)
        pwrite(monitor.file(vp), &value, 8, off_t(offset))
        pwrite(monitor.file(vp), &dirty, 4, 4)
    }

    /// Sets RIP past the instruction that a message is about, by the page.
    func skip(_ message: Bytes) {
        let length = message.get(0x14, as: UInt8.self) & 0xF
        change(0x88, message.get(0x28, as: UInt64.self) + UInt64(length), dirty: 2)
    }
}

/// Instructions (Intel SDM volume 2).
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
    /// mov eax, ecx
    static let eaxFromECX: [UInt8] = [0x89, 0xC8]
    static let out: [UInt8] = [0xEF]
    static let outWord: [UInt8] = [0x66, 0xEF]
    static let outByte: [UInt8] = [0xEE]
    static let outImmediate: [UInt8] = [0xE7, 0xEF]
    static let `in`: [UInt8] = [0xED]
    static let inWord: [UInt8] = [0x66, 0xED]
    static let inByte: [UInt8] = [0xEC]
    /// rep outsb
    static let outString: [UInt8] = [0xF3, 0x6E]
    /// mov [address], eax
    static func store(_ address: UInt32) -> [UInt8] { [0xA3] + bytes(address) }
    /// mov eax, [address]
    static func load(_ address: UInt32) -> [UInt8] { [0xA1] + bytes(address) }

    private static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
