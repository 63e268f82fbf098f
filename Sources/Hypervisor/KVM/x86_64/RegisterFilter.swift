import CLinux
import Linux

/// The model-specific registers (MSRs) that a guest can use. Access to any other is a general
/// protection fault.
enum RegisterFilter: CaseIterable {
    /// For hvt guests, whose ABI lets them set FS base for thread-local data.
    case withoutInterrupts
    /// For kernels with timers, system calls and several vCPUs, such as Hermit.
    case withInterrupts

    struct Registers: Equatable {
        let numbers: ClosedRange<UInt32>
        var isReadOnly = false
    }

    var allowed: [Registers] {
        switch self {
        case .withoutInterrupts: Self.few
        case .withInterrupts: Self.many
        }
    }

    // Numbers as in the Intel SDM (volume 4) and the AMD APM (volume 2, A).
    //
    // Each list is a function of its own: if one function has two, Embedded Swift with link-time
    // optimization confuses them, since their symbols get the same name in different modules.

    @inline(never) private static var few: [Registers] {
        [
            // IA32_EFER, read-only: all bits that a guest needs are set.
            Registers(numbers: 0xC000_0080...0xC000_0080, isReadOnly: true),
            // IA32_FS_BASE, IA32_GS_BASE.
            Registers(numbers: 0xC000_0100...0xC000_0101),
        ]
    }

    @inline(never) private static var many: [Registers] {
        [
            // IA32_TIME_STAMP_COUNTER.
            Registers(numbers: 0x10...0x10, isReadOnly: true),
            // IA32_APIC_BASE.
            Registers(numbers: 0x1B...0x1B),
            // IA32_MISC_ENABLE.
            Registers(numbers: 0x1A0...0x1A0, isReadOnly: true),
            // IA32_PAT.
            Registers(numbers: 0x277...0x277),
            // IA32_TSC_DEADLINE.
            Registers(numbers: 0x6E0...0x6E0),
            // The x2APIC registers, which KVM never filters.
            Registers(numbers: 0x800...0x8FF),
            // IA32_EFER, IA32_STAR, IA32_LSTAR, IA32_CSTAR, IA32_FMASK.
            Registers(numbers: 0xC000_0080...0xC000_0084),
            // IA32_FS_BASE, IA32_GS_BASE, IA32_KERNEL_GS_BASE, IA32_TSC_AUX.
            Registers(numbers: 0xC000_0100...0xC000_0103),
        ]
    }
}

extension KVMMachine {
    /// Denies this machine's guest all other MSRs, if KVM can (KVM_X86_SET_MSR_FILTER, KVM API
    /// 4.126).
    ///
    /// One of the files with unsafe pointers: the kernel copies the bitmap, which is as long as the
    /// longest range needs, during the call.
    borrowing func restrictRegisters(to filter: RegisterFilter) throws(HypervisorError) {
        guard features.filtersRegisters else { return }
        let allowed = filter.allowed
        let longest = allowed.reduce(0) { max($0, $1.numbers.count) }
        // One bit per MSR of a range, all set.
        var bitmap = [UInt8](repeating: 0xFF, count: (longest + 7) / 8)
        let descriptor = descriptor.number
        let result = unsafe bitmap.withUnsafeMutableBufferPointer { bits in
            var request = kvm_msr_filter()
            request.flags = UInt32(KVM_MSR_FILTER_DEFAULT_DENY)
            unsafe withUnsafeMutableBytes(of: &request.ranges) { bytes in
                let ranges = unsafe bytes.assumingMemoryBound(to: kvm_msr_filter_range.self)
                for (index, registers) in allowed.enumerated() {
                    let write = registers.isReadOnly ? 0 : KVM_MSR_FILTER_WRITE
                    unsafe ranges[index] = kvm_msr_filter_range(
                        flags: UInt32(KVM_MSR_FILTER_READ | write),
                        nmsrs: UInt32(registers.numbers.count),
                        base: registers.numbers.lowerBound, bitmap: bits.baseAddress)
                }
            }
            return unsafe linux_ioctl(descriptor, LINUX_KVM_X86_SET_MSR_FILTER, &request)
        }
        guard result == 0 else {
            throw .failed(operation: "filter model-specific registers", .current)
        }
    }
}
