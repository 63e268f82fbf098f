import CLinux

extension Interface {
    /// The 256 bytes that a run answers with (struct hv_message), for x86_64.
    public enum Message {
        public static let size = 256
        // The header.
        public static let type = 0
        public static let payloadSize = 4
        public static let payload = 0x10
        // The beginning of every intercept.
        public static let vpIndex = 0x10
        /// The instruction's length in the low four bits, CR8 in the high ones.
        public static let length = 0x14
        public static let access = 0x15
        public static let executionState = 0x16
        public static let cs = 0x18
        public static let rip = 0x28
        public static let rflags = 0x30
        public static let interceptEnd = 0x38
        // I/O ports.
        public static let port = 0x38
        public static let portAccess = 0x3A
        public static let portInstructionCount = 0x3B
        public static let portRAX = 0x40
        public static let portInstruction = 0x48
        public static let portDS = 0x58
        public static let portES = 0x68
        public static let portRCX = 0x78
        public static let portRSI = 0x80
        public static let portRDI = 0x88
        public static let portEnd = 0x90
        public static let portIsString: UInt8 = 8
        public static let portIsRepeated: UInt8 = 16
        // Memory.
        public static let memoryInstructionCount = 0x3C
        public static let memoryAccess = 0x3D
        public static let gva = 0x40
        public static let gpa = 0x48
        public static let memoryInstruction = 0x50
        public static let memoryEnd = 0x60
        public static let gvaIsValid: UInt8 = 1

        // Types.
        public static let unmapped: UInt32 = 0x8000_0000
        public static let forbidden: UInt32 = 0x8000_0001
        public static let invalidRegisterValue: UInt32 = 0x8000_0020
        public static let unrecoverable: UInt32 = 0x8000_0021
        public static let unsupportedFeature: UInt32 = 0x8000_0022
        public static let port_: UInt32 = 0x8001_0000
        public static let halt: UInt32 = 0x8001_0007
        /// One that no hypervisor sends.
        public static let unknown: UInt32 = 0x8001_FFFF
    }
}

/// What stopped a guest.
struct Intercept: Equatable {
    enum Kind: Equatable {
        case port(Port)
        /// An access to an address where no memory is, or whose memory forbids it.
        case memory(gpa: UInt64, isWrite: Bool, isForbidden: Bool)
        case halt
        case unrecoverable
        case invalidState
        /// What only KVM has: a failure of its instruction emulator, with the suberror.
        case unsupported(code: UInt32)
    }

    struct Port: Equatable {
        var number: UInt16
        /// In bytes: 1, 2 or 4.
        var width: UInt8
        var isWrite: Bool
        var isString = false
        var isRepeated = false
    }

    var kind: Kind
    /// The instruction that was not carried out; empty if it can't be told.
    var instruction: [UInt8] = []

    var type: UInt32 {
        switch kind {
        case .port: Interface.Message.port_
        case .memory(_, _, let isForbidden):
            isForbidden ? Interface.Message.forbidden : Interface.Message.unmapped
        case .halt: Interface.Message.halt
        case .unrecoverable: Interface.Message.unrecoverable
        case .invalidState: Interface.Message.invalidRegisterValue
        case .unsupported: Interface.Message.unsupportedFeature
        }
    }

    /// - Parameters:
    ///   - registers: at the instruction.
    ///   - splitsAddress: whether the address in guest-physical memory comes without its low 12 bits, as on
    ///     Intel processors, and those in the virtual one. Right for guests with identity mapping.
    func message(
        vp: UInt32, _ registers: RegisterFile, splitsAddress: Bool = false
    ) -> Bytes {
        var message = Bytes(count: Interface.Message.size)
        message.set(Interface.Message.type, type)
        message.set(Interface.Message.vpIndex, vp)
        switch kind {
        case .invalidState:
            end(&message, 0x18)
            return message
        case .unsupported(let code):
            message.set(0x14, code)
            end(&message, 0x20)
            return message
        default: break
        }
        typealias Message = Interface.Message
        let (general, system) = (registers.general, registers.system)
        let count = UInt8(truncatingIfNeeded: instruction.count)
        message.set(Message.length, count & 0xF | UInt8(truncatingIfNeeded: system.cr8) << 4)
        message.set(Message.executionState, registers.executionState)
        message.set(Message.cs, SegmentValue(system.cs))
        message.set(Message.rip, general.rip)
        message.set(Message.rflags, general.rflags)
        switch kind {
        case .port(let port):
            message.set(Message.access, port.isWrite ? UInt8(1) : 0)
            message.set(Message.port, port.number)
            message.set(
                Message.portAccess,
                port.width | (port.isString ? Message.portIsString : 0)
                    | (port.isRepeated ? Message.portIsRepeated : 0))
            message.set(Message.portInstructionCount, count)
            message.set(Message.portRAX, general.rax)
            message.set(Message.portInstruction, bytes: instruction)
            message.set(Message.portDS, SegmentValue(system.ds))
            message.set(Message.portES, SegmentValue(system.es))
            message.set(Message.portRCX, general.rcx)
            message.set(Message.portRSI, general.rsi)
            message.set(Message.portRDI, general.rdi)
            end(&message, Message.portEnd)
        case .memory(let gpa, let isWrite, _):
            message.set(Message.access, isWrite ? UInt8(1) : 0)
            message.set(Message.memoryInstructionCount, count)
            message.set(Message.memoryInstruction, bytes: instruction)
            message.set(Message.gpa, splitsAddress ? gpa & ~0xFFF : gpa)
            if splitsAddress {
                message.set(Message.memoryAccess, Message.gvaIsValid)
                message.set(Message.gva, gpa)
            }
            end(&message, Message.memoryEnd)
        default:
            end(&message, Message.interceptEnd)
        }
        return message
    }

    private func end(_ message: inout Bytes, _ offset: Int) {
        message.set(
            Interface.Message.payloadSize, UInt8(offset - Interface.Message.payload))
    }
}
