import CLinux
import Linux

/// An exit of KVM's, as the Microsoft Hypervisor would have it: before the instruction that caused
/// it, nothing of which has been carried out.
///
/// Where KVM is at an exit depends on the access, and on whether the processor or KVM's emulator
/// carried the instruction out. So KVM completes the access first, after which it is past the
/// instruction everywhere; then the registers are set to what they were before.
struct Stop {
    let intercept: Intercept
    let registers: RegisterFile
    /// Whether KVM would not come to the same exit again: it is past the instruction, and can't tell
    /// where that begins.
    let isLasting: Bool

    /// - Parameter page: the beginning of the run page.
    init(_ page: Bytes, _ processor: KVMProcessor, _ partition: Partition) throws(Errno) {
        let reason = Int32(page.get(Int(LINUX_KVM_RUN_EXIT_REASON), as: UInt32.self))
        let before = try processor.registers()
        switch reason {
        case KVM_EXIT_IO:
            self = try Self.port(page, before, processor, partition)
        case KVM_EXIT_MMIO:
            self = try Self.memory(page, before, processor, partition)
        case KVM_EXIT_HLT:
            var registers = before
            registers.general.rip &-= 1
            try processor.set(registers)
            self.init(Intercept(kind: .halt, instruction: [0xF4]), registers)
        case KVM_EXIT_SHUTDOWN:
            self.init(Intercept(kind: .unrecoverable), before, isLasting: true)
        case KVM_EXIT_FAIL_ENTRY:
            self.init(invalid: before)
        case KVM_EXIT_INTERNAL_ERROR:
            let code = page.get(Int(LINUX_KVM_RUN_INTERNAL_SUBERROR), as: UInt32.self)
            self.init(Intercept(kind: .unsupported(code: code)), before, isLasting: true)
        default:
            throw Errno(EPROTO)
        }
    }

    private init(_ intercept: Intercept, _ registers: RegisterFile, isLasting: Bool = false) {
        self.intercept = intercept
        self.registers = registers
        self.isLasting = isLasting
    }

    /// The processor can't be in this state.
    init(invalid registers: RegisterFile) {
        self.init(Intercept(kind: .invalidState), registers, isLasting: true)
    }

    private static func port(
        _ page: Bytes, _ before: RegisterFile, _ processor: KVMProcessor, _ partition: Partition
    ) throws(Errno) -> Stop {
        var port = Intercept.Port(
            number: page.get(Int(LINUX_KVM_RUN_IO_PORT)),
            width: page.get(Int(LINUX_KVM_RUN_IO_SIZE)),
            isWrite: page.get(Int(LINUX_KVM_RUN_IO_DIRECTION), as: UInt8.self) == KVM_EXIT_IO_OUT)
        // A repeated one is in the middle of its work, and stays there.
        if page.get(Int(LINUX_KVM_RUN_IO_COUNT), as: UInt32.self) != 1 {
            return string(&port, before)
        }
        try processor.completeAccess()
        let past = try processor.registers().general.rip
        guard let instruction = InstructionBefore(past, before, port, processor, partition) else {
            return string(&port, before)
        }
        var registers = before
        registers.general.rip = past &- UInt64(instruction.bytes.count)
        try processor.set(registers)
        port.isString = instruction.isString
        return Stop(Intercept(kind: .port(port), instruction: instruction.bytes), registers)
    }

    private static func string(_ port: inout Intercept.Port, _ registers: RegisterFile) -> Stop {
        port.isString = true
        port.isRepeated = true
        return Stop(Intercept(kind: .port(port)), registers, isLasting: true)
    }

    private static func memory(
        _ page: Bytes, _ before: RegisterFile, _ processor: KVMProcessor, _ partition: Partition
    ) throws(Errno) -> Stop {
        let gpa: UInt64 = page.get(Int(LINUX_KVM_RUN_MMIO_ADDRESS))
        let isWrite = page.get(Int(LINUX_KVM_RUN_MMIO_IS_WRITE), as: UInt8.self) != 0
        // A store to memory that is there must have been to one that is read-only.
        let isForbidden = partition.memory.region(of: gpa) != nil
        try processor.completeAccess()
        try processor.set(before)
        let intercept = Intercept(
            kind: .memory(gpa: gpa, isWrite: isWrite, isForbidden: isForbidden))
        // Of stores KVM does not tell where they begin: the message's RIP is past them.
        return Stop(intercept, before, isLasting: isWrite)
    }
}

/// The instruction that accessed a port, found from where it ends.
struct InstructionBefore {
    let bytes: [UInt8]
    let isString: Bool

    init?(
        _ end: UInt64, _ registers: RegisterFile, _ port: Intercept.Port,
        _ processor: KVMProcessor, _ partition: Partition
    ) {
        // Code of 64 bits, or with segments that begin at 0.
        let longest = 4
        var code: [UInt8] = []
        for distance in (1...longest).reversed() {
            guard let gpa = processor.translate(registers.system.cs.base &+ end &- UInt64(distance))
            else { continue }
            code += partition.load(gpa, count: 1)
        }
        self.init(endOf: code, port, dx: UInt16(truncatingIfNeeded: registers.general.rdx))
    }

    /// - Parameter code: ends with the instruction.
    init?(endOf code: [UInt8], _ port: Intercept.Port, dx: UInt16) {
        guard let last = code.last else { return nil }
        var count: Int
        let isByte: Bool
        let opcode = code.dropLast().last ?? 0
        if port.number == dx, [0x6C, 0x6D, 0x6E, 0x6F].contains(last) {
            (count, isByte, isString) = (1, last & 1 == 0, true)
        } else if port.number == dx, last & 0xFC == 0xEC,
            // IN is 0xEC and 0xED, OUT 0xEE and 0xEF.
            (last & 2 != 0) == port.isWrite
        {
            (count, isByte, isString) = (1, last & 1 == 0, false)
        } else if UInt16(last) == port.number, opcode & 0xFC == 0xE4,
            (opcode & 2 != 0) == port.isWrite
        {
            (count, isByte, isString) = (2, opcode & 1 == 0, false)
        } else {
            return nil
        }
        // With the prefix for 16 bits, which both 32-bit and 64-bit code need.
        if !isByte, port.width == 2 {
            guard code.dropLast(count).last == 0x66 else { return nil }
            count += 1
        }
        bytes = Array(code.suffix(count))
    }
}
