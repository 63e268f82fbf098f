import CLinux
import Linux
import Synchronization

/// The shared page by which KVM reports exits (struct kvm_run; KVM API 5).
///
/// One of the files with unsafe pointers: every access is at an offset from the kernel's header, in
/// a mapping whose size is checked once.
struct RunPage: ~Copyable {
    let mapping: MemoryMapping
    /// The last offset with 8 bytes in the mapping.
    private let lastOffset: UInt64

    init(of vcpu: Int32, size: Int) throws(Errno) {
        guard size >= MemoryLayout<kvm_run>.size else { throw Errno(EINVAL) }
        mapping = try MemoryMapping.shared(size, with: vcpu)
        lastOffset = UInt64(size - MemoryLayout<UInt64>.size)
    }

    @inline(__always)
    func load<Value: BitwiseCopyable>(_ offset: some BinaryInteger, as: Value.Type) -> Value {
        // The offset is a field of struct kvm_run, all of which is mapped.
        unsafe mapping.base.loadUnaligned(fromByteOffset: Int(offset), as: Value.self)
    }

    /// The last run's exit.
    @inline(__always)
    var exit: Exit {
        let reason = load(LINUX_KVM_RUN_EXIT_REASON, as: UInt32.self)
        switch Int32(bitPattern: reason) {
        case KVM_EXIT_IO: return port
        case KVM_EXIT_MMIO: return mmio
        case KVM_EXIT_HLT: return .halt
        case KVM_EXIT_SHUTDOWN, KVM_EXIT_SYSTEM_EVENT: return .shutdown
        case KVM_EXIT_INTR: return .interrupted
        case KVM_EXIT_DEBUG: return .debug
        case KVM_EXIT_FAIL_ENTRY:
            return .entryFailure(
                reason: load(LINUX_KVM_RUN_FAIL_ENTRY_REASON, as: UInt64.self))
        case KVM_EXIT_ARM_NISV:
            return .internalError(suberror: EmulationFailure.suberror)
        case KVM_EXIT_INTERNAL_ERROR:
            return .internalError(
                suberror: load(LINUX_KVM_RUN_INTERNAL_SUBERROR, as: UInt32.self))
        default: return .unknown(reason: reason)
        }
    }

    /// The guest-physical address of a memory fault, if the kernel has KVM_EXIT_MEMORY_FAULT.
    var faultAddress: UInt64? {
        let reason = load(LINUX_KVM_RUN_EXIT_REASON, as: UInt32.self)
        guard reason == UInt32(KVM_EXIT_MEMORY_FAULT) else { return nil }
        return load(LINUX_KVM_RUN_MEMORY_FAULT_ADDRESS, as: UInt64.self)
    }

    /// The longest instruction, in bytes.
    private static let longestInstruction = 15

    /// The bytes of an instruction that KVM could not emulate. Runs with immediate_exit set leave
    /// them unchanged.
    ///
    /// - Returns: nil if the last exit was another.
    var failedInstruction: [UInt8]? {
        let suberror = load(LINUX_KVM_RUN_INTERNAL_SUBERROR, as: UInt32.self)
        guard suberror == UInt32(KVM_INTERNAL_ERROR_EMULATION) else { return nil }
        // Flags and bytes take three words of data; kernels before 5.14 have none.
        let flags = load(LINUX_KVM_RUN_EMULATION_FLAGS, as: UInt64.self)
        guard load(LINUX_KVM_RUN_INTERNAL_COUNT, as: UInt32.self) >= 3,
            flags & UInt64(LINUX_KVM_EMULATION_FLAG_BYTES) != 0
        else { return [] }
        let size = Int(load(LINUX_KVM_RUN_EMULATION_SIZE, as: UInt8.self))
        return (0..<min(size, Self.longestInstruction)).map {
            load(Int(LINUX_KVM_RUN_EMULATION_BYTES) + $0, as: UInt8.self)
        }
    }

    @inline(__always)
    private var port: Exit {
        let port = load(LINUX_KVM_RUN_IO_PORT, as: UInt16.self)
        let width = load(LINUX_KVM_RUN_IO_SIZE, as: UInt8.self)
        guard load(LINUX_KVM_RUN_IO_COUNT, as: UInt32.self) == 1, let data = portData else {
            return .portString(port: port)
        }
        guard load(LINUX_KVM_RUN_IO_DIRECTION, as: UInt8.self) == KVM_EXIT_IO_OUT else {
            return .portRead(port: port, width: width)
        }
        let value = load(data, as: UInt32.self)
        // Hypercalls: the width is a constant for what follows.
        if width == 4 { return .portWrite(port: port, width: 4, value: value) }
        let mask: UInt32 = width > 4 ? .max : (1 << (UInt32(width) * 8)) - 1
        return .portWrite(port: port, width: width, value: value & mask)
    }

    /// The offset of a port access's data in the mapping. KVM sets it for each exit.
    @inline(__always)
    private var portData: Int? {
        let offset = load(LINUX_KVM_RUN_IO_DATA_OFFSET, as: UInt64.self)
        guard offset <= lastOffset else { return nil }
        return Int(offset)
    }

    private var mmio: Exit {
        let address = load(LINUX_KVM_RUN_MMIO_ADDRESS, as: UInt64.self)
        let width = load(LINUX_KVM_RUN_MMIO_LENGTH, as: UInt32.self)
        guard load(LINUX_KVM_RUN_MMIO_IS_WRITE, as: UInt8.self) != 0 else {
            return .mmioRead(address: address, width: UInt8(clamping: width))
        }
        let value = load(LINUX_KVM_RUN_MMIO_DATA, as: UInt64.self)
        let mask: UInt64 = width >= 8 ? .max : (1 << (UInt64(width) * 8)) - 1
        return .mmioWrite(address: address, width: UInt8(clamping: width), value: value & mask)
    }

    func finishRead(_ value: UInt64) {
        let reason = load(LINUX_KVM_RUN_EXIT_REASON, as: UInt32.self)
        // Both fields hold 8 bytes; KVM uses as many as the guest asked for.
        switch Int32(bitPattern: reason) {
        case KVM_EXIT_IO:
            guard let data = portData else { return }
            if load(LINUX_KVM_RUN_IO_COUNT, as: UInt32.self) == 1 {
                unsafe mapping.base.storeBytes(of: value, toByteOffset: data, as: UInt64.self)
            } else {
                finishStringRead(value, at: data)
            }
        case KVM_EXIT_MMIO:
            unsafe mapping.base.storeBytes(
                of: value, toByteOffset: Int(LINUX_KVM_RUN_MMIO_DATA), as: UInt64.self)
        default:
            break
        }
    }

    /// Supplies `value` for each element of a string instruction, if it reads (INS).
    private func finishStringRead(_ value: UInt64, at data: Int) {
        guard load(LINUX_KVM_RUN_IO_DIRECTION, as: UInt8.self) != KVM_EXIT_IO_OUT else { return }
        let width = Int(load(LINUX_KVM_RUN_IO_SIZE, as: UInt8.self))
        // KVM's buffer is in the mapping, and so are these elements.
        let most = (mapping.count - data) / max(width, 1)
        let count = min(Int(load(LINUX_KVM_RUN_IO_COUNT, as: UInt32.self)), most)
        for index in 0..<count {
            for byte in 0..<width {
                unsafe mapping.base.storeBytes(
                    of: UInt8(truncatingIfNeeded: value >> UInt64(byte * 8)),
                    toByteOffset: data + index * width + byte, as: UInt8.self)
            }
        }
    }

    /// The field immediate_exit: whether KVM_RUN returns before it enters the guest. Any thread may
    /// set it.
    var endsAtOnce: Bool {
        get { unsafe immediateExit.pointee.load(ordering: .sequentiallyConsistent) != 0 }
        nonmutating set {
            unsafe immediateExit.pointee.store(
                newValue ? 1 : 0, ordering: .sequentiallyConsistent)
        }
    }

    /// The byte immediate_exit: only this process writes it; the kernel reads it once per run.
    private var immediateExit: UnsafeMutablePointer<Atomic<UInt8>> {
        unsafe (mapping.base + Int(LINUX_KVM_RUN_IMMEDIATE_EXIT))
            .assumingMemoryBound(to: Atomic<UInt8>.self)
    }
}
