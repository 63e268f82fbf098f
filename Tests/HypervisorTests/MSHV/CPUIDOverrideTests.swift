import CLinux
import Testing

@testable import Hypervisor

/// Overriding the bits of a leaf comes to the same as the rules for leaves on KVM.
@Suite("MSHV: CPUID") struct CPUIDOverrideTests {
    private static let vendors: [UInt32] = [0x756E_6547, 0x6874_7541, 0]

    /// As the hypervisor does it.
    private static func apply(
        _ results: [linux_hv_cpuid_result], to entry: kvm_cpuid_entry2
    ) -> kvm_cpuid_entry2 {
        func bits(_ old: UInt32, _ new: linux_hv_bits) -> UInt32 {
            old & ~new.mask | new.value & new.mask
        }
        var entry = entry
        for result in results
        where result.leaf == entry.function
            && (result.is_subleaf_specific == 0 || result.subleaf == entry.index)
        {
            entry.eax = bits(entry.eax, result.eax)
            entry.ebx = bits(entry.ebx, result.ebx)
            entry.ecx = bits(entry.ecx, result.ecx)
            entry.edx = bits(entry.edx, result.edx)
        }
        return entry
    }

    private static func words(_ entry: kvm_cpuid_entry2) -> [UInt32] {
        [entry.eax, entry.ebx, entry.ecx, entry.edx]
    }

    @Test(arguments: vendors) func sameAsOnKVM(vendor: UInt32) {
        let results = CPUIDOverride.results(vendor: vendor)
        var generator = SystemRandomNumberGenerator()
        let leaves = (0x0...0x24) as ClosedRange<UInt32>
        for leaf in Array(leaves) + Array(0x8000_0000...0x8000_0027)
        where leaf != 0xB && leaf != 0x1F {
            for index: UInt32 in 0..<4 {
                var maker = kvm_cpuid_entry2()
                maker.ebx = vendor
                var entry = kvm_cpuid_entry2()
                (entry.function, entry.index) = (leaf, index)
                (entry.eax, entry.ebx) = (
                    .random(in: 0 ... .max, using: &generator), .random(in: 0 ... .max)
                )
                (entry.ecx, entry.edx) = (
                    .random(in: 0 ... .max, using: &generator), .random(in: 0 ... .max)
                )
                // A cache of some kind; otherwise the rest does not matter.
                if leaf == 4 || leaf == 0x8000_001D { entry.eax |= 1 }
                if leaf == 0 { entry.ebx = vendor }
                var cpuid = CPUID(entries: leaf == 0 ? [entry] : [maker, entry])
                cpuid.trim()
                let expected =
                    cpuid.normalized(
                        Topology(id: 0, count: 1), brand: "Pinnace", registers: .withoutInterrupts
                    ).entries.last ?? maker
                #expect(
                    Self.words(Self.apply(results, to: entry)) == Self.words(expected),
                    "leaf \(String(leaf, radix: 16)), \(index)")
            }
        }
    }

    @Test(arguments: [0xB, 0x1F] as [UInt32]) func topology(leaf: UInt32) {
        let results = CPUIDOverride.results(vendor: 0x756E_6547)
        var entry = kvm_cpuid_entry2()
        (entry.function, entry.eax, entry.ebx, entry.ecx, entry.edx) = (leaf, 9, 9, 9, 9)
        let levels = (0..<3).map { index in
            entry.index = UInt32(index)
            return Self.words(Self.apply(results, to: entry))
        }
        #expect(levels == [[0, 1, 0x100, 0], [0, 1, 0x201, 0], [0, 0, 2, 0]])
    }

    /// Nested virtualization is hidden, and nothing else that the guest needs.
    @Test(arguments: vendors) func bits(vendor: UInt32) throws {
        let results = CPUIDOverride.results(vendor: vendor)
        let features = try #require(results.first { $0.leaf == 1 })
        #expect(features.type == 2 && features.vp == 0 && features.always_overrides == 1)
        // VMX, x2APIC; SSE3, AVX; APIC; SSE2.
        #expect(features.ecx.mask >> 5 & 1 == 1 && features.ecx.value >> 5 & 1 == 0)
        #expect(features.ecx.mask >> 21 & 1 == 1 && features.ecx.value >> 21 & 1 == 0)
        #expect(features.ecx.mask & 1 == 0 && features.ecx.mask >> 28 & 1 == 0)
        #expect(features.edx.mask >> 9 & 1 == 1 && features.edx.mask >> 26 & 1 == 0)
        let extended = try #require(results.first { $0.leaf == 0x8000_0001 })
        #expect(extended.ecx.mask >> 2 & 1 == 1 && extended.ecx.value >> 2 & 1 == 0)
        let brand = try #require(results.first { $0.leaf == 0x8000_0002 })
        #expect(brand.eax.mask == .max && brand.eax.value == 0x6E6E_6950)
        #expect(results.allSatisfy { $0.leaf != 0 && $0.leaf != 0x8000_0000 })
    }
}
