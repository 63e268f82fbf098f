import CLinux

/// The message that tells why a VP stopped (MSHV_RUN_VP).
///
/// One of the files with unsafe pointers: every access is at an offset from our header, in a block
/// of the message's size.
@safe struct MSHVMessage: ~Copyable {
    /// The block, which the kernel fills in during MSHV_RUN_VP.
    @unsafe let bytes: UnsafeMutableRawPointer

    init() {
        let size = Int(LINUX_MSHV_MESSAGE_SIZE)
        unsafe bytes = .allocate(byteCount: size, alignment: 16)
        unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    }

    deinit {
        unsafe bytes.deallocate()
    }

    @inline(__always)
    private func load<Value: BitwiseCopyable>(_ offset: Int, as: Value.Type) -> Value {
        // The offset is a field of struct linux_hv_message, which is shorter than the block.
        unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
    }

    /// HVMSG_...
    private var type: UInt32 { load(LINUX_HV_MESSAGE_TYPE, as: UInt32.self) }

    /// The last run's exit.
    @inline(__always)
    var exit: Exit {
        switch type {
        case LINUX_HV_PORT_INTERCEPT: port
        case LINUX_HV_HALT: .halt
        case LINUX_HV_UNMAPPED_GPA, LINUX_HV_GPA_INTERCEPT: .memoryFault(address: faultAddress)
        case LINUX_HV_UNRECOVERABLE: .shutdown
        case LINUX_HV_INVALID_REGISTER: .entryFailure(reason: 0)
        default: .unknown(reason: type)
        }
    }

    @inline(__always)
    private var port: Exit {
        let port = load(LINUX_HV_MESSAGE_PORT, as: UInt16.self)
        let info = load(LINUX_HV_MESSAGE_PORT_INFO, as: UInt8.self)
        if info & UInt8(LINUX_HV_PORT_STRING) != 0 { return .portString(port: port) }
        let width = info & 7
        let value = load(LINUX_HV_MESSAGE_PORT_RAX, as: UInt32.self)
        let mask: UInt32
        switch width {
        case 1: mask = 0xFF
        case 2: mask = 0xFFFF
        case 4: mask = .max
        default: return .unknown(reason: type)
        }
        let access = load(LINUX_HV_MESSAGE_ACCESS, as: UInt8.self)
        guard Int(access) == LINUX_HV_ACCESS_WRITE else {
            return .portRead(port: port, width: width)
        }
        return .portWrite(port: port, width: width, value: value & mask)
    }

    /// The guest-physical address of a memory fault. On some processors it is that of a page; the
    /// rest is in the virtual address, if there is one.
    private var faultAddress: UInt64 {
        let physical = load(LINUX_HV_MESSAGE_GPA, as: UInt64.self)
        let info = load(LINUX_HV_MESSAGE_MEMORY_INFO, as: UInt8.self)
        guard info & UInt8(LINUX_HV_GVA_VALID) != 0 else { return physical }
        let virtual = load(LINUX_HV_MESSAGE_GVA, as: UInt64.self)
        return physical & ~0xFFF | virtual & 0xFFF
    }

    /// The address of the instruction after the one that made the exit; nil if the hypervisor does
    /// not tell how long that is.
    @inline(__always)
    var nextInstruction: UInt64? {
        let length = load(LINUX_HV_MESSAGE_LENGTH, as: UInt8.self) & 0xF
        guard length > 0 else { return nil }
        return load(LINUX_HV_MESSAGE_RIP, as: UInt64.self) &+ UInt64(length)
    }
}
