import CLinux

/// A vCPU's position in the guest's topology: one package of `count` cores, numbered from 0, with
/// one thread each.
struct Topology {
    /// The APIC ID.
    let id: UInt32
    let count: UInt32

    /// The number of bits of an APIC ID.
    var width: UInt32 { UInt32(UInt32.bitWidth - (max(count, 1) - 1).leadingZeroBitCount) }
    /// The number of addressable IDs, less one.
    fileprivate var addressable: UInt32 { 1 << width - 1 }
}

// A host CPU's ID, neighbours and frequency must not reach the guest: they change with the CPU that
// the tender's thread runs on. Leaves are numbered as in the Intel SDM (volume 2A, CPUID) and the
// AMD APM (volume 3, E).
extension CPUID {
    /// The leaves, the same on every CPU of the host. (On hybrid processors, cache sizes remain
    /// those of one kind of core.)
    ///
    /// - Parameters:
    ///   - brand: the processor brand string, up to 47 ASCII characters.
    ///   - registers: the guest's MSRs; features that need others are hidden.
    func normalized(
        _ topology: Topology, brand: String, registers: RegisterFilter
    ) -> CPUID {
        let isAMD = entries.contains { $0.function == 0 && Self.isAMD($0.ebx) }
        let brand = brand.utf8.prefix(47) + [UInt8](repeating: 0, count: 48)
        var normal: [kvm_cpuid_entry2] = []
        for entry in entries {
            var entry = entry
            switch entry.function {
            case 0xB, 0x1F:
                // All levels of the topology at once.
                guard !normal.contains(where: { $0.function == entry.function }) else { continue }
                normal += Self.levels(entry.function, topology)
                continue
            case 0x8000_0002...0x8000_0004:
                entry.setWords(brand.dropFirst(Int(entry.function - 0x8000_0002) * 16))
            default:
                entry.normalize(topology, isAMD: isAMD)
                entry.hideRegisters(but: registers)
            }
            normal.append(entry)
        }
        return CPUID(entries: normal)
    }

    /// AMD and Hygon processors, by the first four letters of the vendor ID.
    private static func isAMD(_ name: UInt32) -> Bool {
        name == 0x6874_7541 || name == 0x6F67_7948
    }

    /// The levels: threads of a core, cores of the package, end.
    private static func levels(_ function: UInt32, _ topology: Topology) -> [kvm_cpuid_entry2] {
        func level(
            _ index: UInt32, shift: UInt32, count: UInt32, kind: UInt32
        ) -> kvm_cpuid_entry2 {
            // Flag 1: the index is significant (KVM_CPUID_FLAG_SIGNIFCANT_INDEX).
            kvm_cpuid_entry2(
                function: function, index: index, flags: 1, eax: shift, ebx: count,
                ecx: kind << 8 | index, edx: topology.id, padding: (0, 0, 0))
        }
        return [
            level(0, shift: 0, count: 1, kind: 1),
            level(1, shift: topology.width, count: max(topology.count, 1), kind: 2),
            level(2, shift: 0, count: 0, kind: 0),
        ]
    }
}

extension kvm_cpuid_entry2 {
    fileprivate mutating func setWords(_ bytes: ArraySlice<UInt8>) {
        func word(_ index: Int) -> UInt32 {
            bytes.dropFirst(index * 4).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        (eax, ebx, ecx, edx) = (word(0), word(1), word(2), word(3))
    }

    fileprivate mutating func normalize(_ topology: Topology, isAMD: Bool) {
        let last = max(topology.count, 1) - 1
        switch function {
        case 0x1:
            // Initial APIC ID, number of logical processors; HTT if there are several.
            ebx = ebx & 0xFFFF | min(last + 1, 255) << 16 | topology.id << 24
            set(&edx, 28, last > 0)
        case 0x4 where eax & 0x1F != 0:
            // Addressable IDs for cores of the package, and for threads that share this cache: only
            // the third level is shared.
            eax = eax & 0x3FFF | min(topology.addressable, 63) << 26
            if eax >> 5 & 7 > 2 { eax |= min(topology.addressable, 0xFFF) << 14 }
        case 0x7 where index == 0:
            // Hybrid processors.
            hide(&edx, 15)
        case 0x18:
            // Threads that share this TLB.
            edx &= ~(0xFFF << 14)
        case 0x3, 0x15, 0x16, 0x1A, 0x8000_0026:
            // Serial number; crystal, core and bus frequency; kind of core; AMD's extended
            // topology.
            (eax, ebx, ecx, edx) = (0, 0, 0, 0)
        case 0x8000_0001 where isAMD:
            // CmpLegacy: the logical processors are cores.
            set(&ecx, 1, last > 0)
        case 0x8000_0008 where isAMD:
            // The number of cores less one, and the size of APIC IDs in bits.
            ecx = min(last, 0xFF) | topology.width << 12
        case 0x8000_001D where eax & 0x1F != 0:
            eax &= 0x3FFF
            if eax >> 5 & 7 > 2 { eax |= min(last, 0xFFF) << 14 }
        case 0x8000_001E:
            // Extended APIC ID; core ID, one thread per core; a single node.
            (eax, ebx, ecx, edx) = (topology.id, topology.id & 0xFF, 0, 0)
        default:
            break
        }
    }

    /// Hides features that need MSRs which the guest does not have.
    fileprivate mutating func hideRegisters(but filter: RegisterFilter) {
        switch function {
        case 0x1:
            // MCE, MTRR, MCA.
            hide(&edx, 7, 12, 14)
            if filter == .withoutInterrupts {
                // x2APIC, TSC deadline; APIC, SYSENTER, PAT.
                hide(&ecx, 21, 24)
                hide(&edx, 9, 11, 16)
            }
        case 0x7 where index == 0:
            // TSC_ADJUST; shadow stacks; branch tracking, SPEC_CTRL, STIBP, L1D_FLUSH,
            // ARCH_CAPABILITIES, CORE_CAPABILITIES, SSBD.
            hide(&ebx, 1)
            hide(&ecx, 7)
            hide(&edx, 20, 26, 27, 28, 29, 30, 31)
        case 0x7 where index == 2:
            // More of SPEC_CTRL: PSFD, IPRED, RRSBA, DDPD_U, BHI.
            hide(&edx, 0, 1, 2, 3, 4)
        case 0x4000_0001:
            // KVM's paravirtual features, which use MSRs, such as kvmclock.
            eax = 0
        case 0x8000_0001:
            // OSVW; MCE, MTRR, MCA again.
            hide(&ecx, 9)
            hide(&edx, 7, 12, 14)
            if filter == .withoutInterrupts {
                // APIC, SYSCALL, PAT.
                hide(&edx, 9, 11, 16)
            }
        case 0x8000_0007:
            // Machine checks: overflow recovery, SUCCOR, scalable MCA. EDX keeps the invariant TSC.
            hide(&ebx, 0, 1, 3)
        case 0x8000_0008:
            // IBPB, IBRS, STIBP, their preference bits, both forms of SSBD, PSFD.
            hide(&ebx, 12, 14, 15, 16, 17, 18, 19, 24, 25, 28)
        default:
            break
        }
    }

    private func set(_ register: inout UInt32, _ bit: UInt32, _ isSet: Bool) {
        register = register & ~(1 << bit) | (isSet ? 1 << bit : 0)
    }
}
