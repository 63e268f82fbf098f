import CLinux
import Linux

/// The guest's CPUID leaves: those that KVM supports, less the features that unikernels don't use.
struct CPUID: Sendable {
    private(set) var entries: [kvm_cpuid_entry2]

    /// Current processors have fewer than half as many entries.
    private static let most = 1024

    /// The leaves of KVM_GET_SUPPORTED_CPUID (KVM API 4.46), trimmed.
    static func supported(by kvm: Int32) throws(HypervisorError) -> CPUID {
        var room = 128
        while true {
            let block = CPUIDBlock(room: room)
            guard block.call(kvm, LINUX_KVM_GET_SUPPORTED_CPUID) else {
                let errno = Errno.current
                if errno.code == E2BIG, room < most {
                    room *= 2
                    continue
                }
                throw .failed(operation: "supported CPUID leaves", errno)
            }
            var cpuid = CPUID(entries: block.entries)
            cpuid.trim()
            return cpuid
        }
    }

    init(entries: [kvm_cpuid_entry2]) {
        self.entries = entries
    }

    func set(on vcpu: Int32) throws(HypervisorError) {
        guard CPUIDBlock(entries).call(vcpu, LINUX_KVM_SET_CPUID2) else {
            throw .failed(operation: "set the CPUID leaves", .current)
        }
    }

    mutating func trim() {
        for index in entries.indices {
            entries[index].trim()
        }
    }
}

extension CPUID {
    /// The leaves for a guest with interrupts.
    func withInterrupts(hasDeadlineTimer: Bool) -> CPUID {
        CPUID(
            entries: entries.map { entry in
                var entry = entry
                guard entry.function == 0x1 else { return entry }
                // Hypervisor, TSC deadline; MSR.
                entry.ecx |= 1 << 31
                if hasDeadlineTimer { entry.ecx |= 1 << 24 }
                entry.edx |= 1 << 5
                return entry
            })
    }
}

extension kvm_cpuid_entry2 {
    /// Hides nested virtualization, SGX, SEV, SKINIT and performance monitoring.
    ///
    /// Bits are numbered as in the Intel SDM (volume 2A, CPUID) and the AMD APM (volume 3, E).
    mutating func trim() {
        switch function {
        case 0x1:
            // DTES64, DS-CPL, VMX, SMX, PDCM; DS.
            hide(&ecx, 2, 4, 5, 6, 15)
            hide(&edx, 21)
        case 0x7 where index == 0:
            // SGX, Intel PT; SGX_LC; SGX-KEYS is in leaf 7.0 EDX 1; arch LBR.
            hide(&ebx, 2, 25)
            hide(&ecx, 30)
            hide(&edx, 1, 19)
        case 0x8000_0001:
            // SVM, IBS, SKINIT, performance counters of core, northbridge and cache.
            hide(&ecx, 2, 10, 12, 23, 24, 28)
        case 0xA, 0x12, 0x14, 0x1C, 0x23, 0x8000_000A, 0x8000_001B, 0x8000_001F, 0x8000_0022:
            // Wholly about performance monitoring (0xA, 0x23, 0x80000022), SGX (0x12), tracing
            // (0x14, 0x1C), SVM (0x8000000A), IBS (0x8000001B) or memory encryption (0x8000001F).
            (eax, ebx, ecx, edx) = (0, 0, 0, 0)
        default:
            break
        }
    }

    func hide(_ register: inout UInt32, _ bits: UInt32...) {
        for bit in bits { register &= ~(1 << bit) }
    }
}

/// The kernel's struct kvm_cpuid2: a count, then as many entries.
///
/// One of the files with unsafe pointers: only this class accesses the block, within the room that
/// it allocated.
@safe private final class CPUIDBlock {
    private let block: UnsafeMutableRawPointer
    private let room: Int
    /// The count and 4 bytes of padding.
    private static let header = 8

    init(room: Int) {
        self.room = room
        let stride = MemoryLayout<kvm_cpuid_entry2>.stride
        unsafe block = .allocate(byteCount: Self.header + room * stride, alignment: 8)
        unsafe block.storeBytes(of: UInt64(room), as: UInt64.self)
    }

    convenience init(_ entries: [kvm_cpuid_entry2]) {
        self.init(room: entries.count)
        let first = unsafe block + Self.header
        for (index, entry) in entries.enumerated() {
            unsafe first.storeBytes(
                of: entry, toByteOffset: index * MemoryLayout<kvm_cpuid_entry2>.stride,
                as: kvm_cpuid_entry2.self)
        }
    }

    func call(_ descriptor: Int32, _ request: UInt) -> Bool {
        unsafe linux_ioctl(descriptor, request, block) == 0
    }

    /// The entries that the kernel filled in.
    var entries: [kvm_cpuid_entry2] {
        let count = min(room, Int(unsafe block.load(as: UInt32.self)))
        let first = unsafe block + Self.header
        return (0..<count).map { index in
            unsafe first.load(
                fromByteOffset: index * MemoryLayout<kvm_cpuid_entry2>.stride,
                as: kvm_cpuid_entry2.self)
        }
    }

    deinit {
        unsafe block.deallocate()
    }
}
