import CLinux

/// What the guest sees of the processor, other than the hypervisor would show it: the same as on
/// KVM, by the same rules.
///
/// A hypercall overrides bits of a leaf and lets others pass. Which ones, the rules themselves tell:
/// what becomes the same of a leaf of zeros and of one of ones does not depend on the processor.
enum CPUIDOverride {
    /// The leaves that `CPUID.trim` and `CPUID.normalized` change, but for those of topology. With a
    /// subleaf, the others remain as they are; without one, all are changed in the same way.
    @inline(never) private static var leaves: [(leaf: UInt32, subleaf: UInt32?)] {
        [
            (0x1, nil), (0x3, nil), (0x4, nil), (0x7, 0), (0x7, 2), (0xA, nil), (0x12, nil),
            (0x14, nil), (0x15, nil), (0x16, nil), (0x18, nil), (0x1A, nil), (0x1C, nil),
            (0x23, nil), (0x8000_0001, nil), (0x8000_0002, nil), (0x8000_0003, nil),
            (0x8000_0004, nil), (0x8000_0007, nil), (0x8000_0008, nil), (0x8000_000A, nil),
            (0x8000_001B, nil), (0x8000_001D, nil), (0x8000_001E, nil), (0x8000_001F, nil),
            (0x8000_0022, nil), (0x8000_0026, nil),
        ]
    }

    /// The leaves with levels of the topology, which are the same on every processor.
    @inline(never) private static var topologyLeaves: [UInt32] { [0xB, 0x1F] }

    /// The overrides for the only vCPU of a guest without interrupts.
    ///
    /// - Parameter vendor: of the host's processor: EBX of leaf 0.
    static func results(vendor: UInt32) -> [linux_hv_cpuid_result] {
        var results: [linux_hv_cpuid_result] = []
        for (leaf, subleaf) in leaves {
            let zeros = normalized(entry(leaf, subleaf ?? 0, filledWith: 0), vendor)
            let ones = normalized(entry(leaf, subleaf ?? 0, filledWith: .max), vendor)
            guard let zeros = zeros.first, let ones = ones.first else { continue }
            var result = linux_hv_cpuid_result(leaf, subleaf)
            result.eax = .init(value: zeros.eax, mask: ~(zeros.eax ^ ones.eax))
            result.ebx = .init(value: zeros.ebx, mask: ~(zeros.ebx ^ ones.ebx))
            result.ecx = .init(value: zeros.ecx, mask: ~(zeros.ecx ^ ones.ecx))
            result.edx = .init(value: zeros.edx, mask: ~(zeros.edx ^ ones.edx))
            results.append(result)
        }
        for leaf in topologyLeaves {
            for level in normalized(entry(leaf, 0, filledWith: 0), vendor) {
                var result = linux_hv_cpuid_result(leaf, level.index)
                result.eax = .init(value: level.eax, mask: .max)
                result.ebx = .init(value: level.ebx, mask: .max)
                result.ecx = .init(value: level.ecx, mask: .max)
                result.edx = .init(value: level.edx, mask: .max)
                results.append(result)
            }
        }
        return results.filter { $0.changesAny }
    }

    /// The leaf as the rules leave it; several entries for one of topology.
    private static func normalized(
        _ entry: kvm_cpuid_entry2, _ vendor: UInt32
    ) -> [kvm_cpuid_entry2] {
        var maker = kvm_cpuid_entry2()
        maker.ebx = vendor
        var cpuid = CPUID(entries: [maker, entry])
        cpuid.trim()
        return cpuid.normalized(
            Topology(id: 0, count: 1), brand: "Pinnace", registers: .withoutInterrupts
        ).entries.filter { $0.function == entry.function }
    }

    private static func entry(
        _ leaf: UInt32, _ subleaf: UInt32, filledWith bits: UInt32
    ) -> kvm_cpuid_entry2 {
        kvm_cpuid_entry2(
            function: leaf, index: subleaf, flags: 0, eax: bits, ebx: bits, ecx: bits, edx: bits,
            padding: (0, 0, 0))
    }
}

extension linux_hv_cpuid_result {
    fileprivate init(_ leaf: UInt32, _ subleaf: UInt32?) {
        self.init()
        type = UInt32(LINUX_HV_INTERCEPT_CPUID)
        self.leaf = leaf
        self.subleaf = subleaf ?? 0
        is_subleaf_specific = subleaf == nil ? 0 : 1
        // Whatever the hypervisor would show.
        always_overrides = 1
    }

    fileprivate var changesAny: Bool { eax.mask | ebx.mask | ecx.mask | edx.mask != 0 }
}
