import CLinux
import Linux

@testable import Hypervisor

/// A /dev/mshv that answers as a test tells it to. It runs nothing, and knows none of the header's
/// names: numbers are those of the kernel.
final class ScriptedDevice: MSHVDevice, @unchecked Sendable {
    enum Call: Equatable, CustomStringConvertible {
        case open(String)
        case createPartition([UInt8])
        case initialize
        case createVP([UInt8])
        case setMemory([UInt8])
        /// A hypercall on "partition" or "VP".
        case hypercall(String, code: Int, reps: Int, input: [UInt8], outputSize: Int)
        case run
        case map(page: Int)
        case other(UInt)

        var description: String {
            switch self {
            case .open(let path): "open \(path)"
            case .createPartition(let bytes): "create partition \(bytes)"
            case .initialize: "initialize"
            case .createVP(let bytes): "create VP \(bytes)"
            case .setMemory(let bytes): "set memory \(bytes)"
            case .hypercall(let object, let code, let reps, let input, let size):
                "hypercall 0x\(String(code, radix: 16)) on \(object), \(reps) of "
                    + "\(input.count) bytes \(input), \(size) out"
            case .run: "run"
            case .map(let page): "map \(page)"
            case .other(let request): "request 0x\(String(request, radix: 16))"
            }
        }
    }

    /// What comes of a hypercall, besides success.
    struct Answer {
        var error: Int32?
        var status: UInt16 = 0
        /// Elements done; nil for all.
        var reps: UInt16?
    }

    private(set) var calls: [Call] = []
    /// The errors of calls by their position, counted from 0. The call is recorded, and not made.
    var failures: [Int: Int32] = [:]
    /// Of hypercalls with these codes, in order; success when there are none left.
    var answers: [Int: [Answer]] = [:]
    /// The messages of runs, in order, or an error.
    var runs: [Result<[UInt8], Errno>] = []
    /// Done in each run first.
    var meanwhile: () -> Void = {}
    /// The output of hypercall 0x44.
    var property: UInt64 = HostCounter.frequency
    /// The values of registers by name, which hypercall 0x51 sets and 0x50 tells.
    var registers: [UInt32: [UInt8]] = [:]
    /// The register page of the last VP, once mapped.
    private(set) var page: UnsafeMutableRawPointer?
    private var objects: [Int32: String] = [:]

    private func record(_ call: Call) throws(Errno) {
        calls.append(call)
        if let error = failures[calls.count - 1] { throw Errno(error) }
    }

    func open(_ path: String) throws(Errno) -> FileDescriptor {
        try record(.open(path))
        return try FileDescriptor.open("/dev/null", O_RDWR)
    }

    private func makeObject(_ name: String) throws(Errno) -> Int32 {
        let number = linux_open("/dev/null", O_RDWR | O_CLOEXEC, 0)
        guard number >= 0 else { throw Errno.current }
        objects[number] = name
        return number
    }

    func mapPage(_ page: Int, of descriptor: Int32) throws(Errno) -> MemoryMapping {
        try record(.map(page: page))
        let mapping = try MemoryMapping.anonymousPages(4096)
        self.page = mapping.base
        return mapping
    }

    func ioctl(
        _ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer?
    ) throws(Errno) -> Int32 {
        // The size that the request's number tells.
        let size = Int(request >> 16 & 0x3FFF)
        let bytes = argument.map {
            [UInt8](UnsafeRawBufferPointer(start: UnsafeRawPointer($0), count: size))
        }
        switch request {
        case 0x4010_b800:
            try record(.createPartition(bytes ?? []))
            return try makeObject("partition")
        case 0x0000_b800: try record(.initialize)
        case 0x4004_b801:
            try record(.createVP(bytes ?? []))
            return try makeObject("VP")
        case 0x4020_b802: try record(.setMemory(bytes ?? []))
        case 0x8100_b800:
            try record(.run)
            meanwhile()
            guard !runs.isEmpty else { throw Errno(EIO) }
            let message = try runs.removeFirst().get()
            argument?.copyMemory(from: message + [UInt8](repeating: 0, count: 256), byteCount: 256)
        case 0xc020_b807:
            guard let argument else { throw Errno(EFAULT) }
            try hypercall(argument, on: objects[descriptor] ?? "nothing")
        default:
            try record(.other(request))
            throw Errno(ENOTTY)
        }
        return 0
    }

    private func hypercall(
        _ argument: UnsafeMutableRawPointer, on object: String
    ) throws(Errno) {
        func field(_ offset: Int) -> UInt16 {
            argument.load(fromByteOffset: offset, as: UInt16.self)
        }
        func pointer(_ offset: Int) -> UnsafeMutableRawPointer? {
            UnsafeMutableRawPointer(
                bitPattern: argument.load(fromByteOffset: offset, as: UInt.self))
        }
        let code = Int(field(0))
        guard let source = pointer(0x10), field(8) == 0 else { throw Errno(EINVAL) }
        let input = [UInt8](
            UnsafeRawBufferPointer(start: UnsafeRawPointer(source), count: Int(field(4))))
        try record(
            .hypercall(
                object, code: code, reps: Int(field(2)), input: input, outputSize: Int(field(6))))
        var answer = Answer()
        if answers[code]?.isEmpty == false { answer = answers[code]?.removeFirst() ?? answer }
        argument.storeBytes(of: answer.status, toByteOffset: 8, as: UInt16.self)
        let done = answer.reps ?? field(2)
        argument.storeBytes(of: done, toByteOffset: 2, as: UInt16.self)
        if code == 0x44, answer.error == nil {
            pointer(0x18)?.storeBytes(of: property, as: UInt64.self)
        }
        for index in 0..<Int(done) where answer.error == nil || answer.reps != nil {
            if code == 0x51 {
                let element = Array(input[(16 + 32 * index)...].prefix(32))
                registers[word(element, 0)] = Array(element[16...])
            } else if code == 0x50 {
                let value = registers[word(input, 16 + 4 * index)] ?? []
                pointer(0x18)?.advanced(by: 16 * index).copyMemory(
                    from: value + [UInt8](repeating: 0, count: 16), byteCount: 16)
            }
        }
        if let error = answer.error { throw Errno(error) }
    }
}

/// The 32-bit word at an offset.
func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
}

func bytes(_ words: UInt64...) -> [UInt8] {
    words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
}

enum HostCounter {
    /// Of this host's TSC in Hz, as its clock measures it.
    static let frequency: UInt64 = {
        let start = CounterMoment()
        var end = start
        while end.nanoseconds - start.nanoseconds < 20_000_000 { end = CounterMoment() }
        let time = Double(end.nanoseconds - start.nanoseconds)
        return UInt64(Double(end.counter - start.counter) * 1e9 / time)
    }()
}

/// The message of a stopped VP.
struct Message {
    var bytes = [UInt8](repeating: 0, count: 256)

    init(_ type: UInt32) { put(UInt64(type), 0, 4) }

    mutating func put(_ value: UInt64, _ offset: Int, _ size: Int) {
        for index in 0..<size {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (index * 8))
        }
    }

    /// An IN or OUT instruction.
    static func port(
        _ number: UInt16, info: UInt8, isWrite: Bool = true, rax: UInt64 = 0,
        rip: UInt64 = 0x10_0000, length: UInt8 = 1
    ) -> Message {
        var message = Message(0x8001_0000)
        // The upper half of this byte is CR8.
        message.put(UInt64(length | 0xA0), 0x14, 1)
        message.put(isWrite ? 1 : 0, 0x15, 1)
        message.put(rip, 0x28, 8)
        message.put(UInt64(number), 0x38, 2)
        message.put(UInt64(info), 0x3A, 1)
        message.put(rax, 0x40, 8)
        return message
    }

    static func memory(
        _ type: UInt32, gpa: UInt64, gva: UInt64, isGVAValid: Bool
    ) -> Message {
        var message = Message(type)
        message.put(isGVAValid ? 1 : 0, 0x3D, 1)
        message.put(gva, 0x40, 8)
        message.put(gpa, 0x48, 8)
        return message
    }
}
