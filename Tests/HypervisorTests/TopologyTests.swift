import CLinux
import Testing

@testable import Hypervisor

/// What a guest is told of its processors, whatever those of the host are.
@Suite("Topology") struct TopologyTests {
    typealias Words = [UInt32]

    private static func entry(
        _ function: UInt32, _ index: UInt32, _ words: Words
    ) -> kvm_cpuid_entry2 {
        kvm_cpuid_entry2(
            function: function, index: index, flags: 1, eax: words[0], ebx: words[1],
            ecx: words[2], edx: words[3], padding: (0, 0, 0))
    }

    private static func entry(_ function: UInt32, _ words: Words) -> kvm_cpuid_entry2 {
        entry(function, 0, words)
    }

    static let intel: Words = [0x20, 0x756E_6547, 0x6C65_746E, 0x4965_6E69]
    static let amd: Words = [0x10, 0x6874_7541, 0x444D_4163, 0x6974_6E65]

    /// What KVM says when asked on CPU number `id` of a host with many.
    private static func host(_ vendor: Words, id: UInt32) -> CPUID {
        var entries = [
            entry(0, vendor),
            entry(1, [0x50654, id << 24 | 0x40 << 16 | 0x0800, 0xFFFA_3203, 0x1F8B_FBFF]),
            entry(3, [id, id, id, id]),
            entry(7, [2, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF]),
            entry(0xB, 0, [1, 2, 0x100, id]), entry(0xB, 1, [6, 64, 0x201, id]),
            entry(0x15, [2, 216, 24_000_000 + id, 0]), entry(0x16, [2600 + id, 3900, 100, 0]),
            entry(0x1A, [id, 0, 0, 0]), entry(0x1F, 0, [0, 0, 0, id]),
            entry(0x4000_0001, [0x0100_7EFB, 0, 0, 0]),
            entry(0x8000_0001, [0, 0, 0x0040_0393, 0x2BD3_FBFF]),
            entry(0x8000_0007, [0, 0xB, 0, 0x100]),
            entry(0x8000_0008, [0x3030, 0x5312_5005, 0x7000 | 63, 0]),
            entry(0x8000_001E, [id, 0x100 | id / 2, id / 32, 0]),
        ]
        let brand = Array("Some CPU @ 2.\(id % 10)0GHz".utf8) + [UInt8](repeating: 0, count: 48)
        for part in 0..<3 {
            let words = (0..<4).map { word in
                brand[(part * 16 + word * 4)...].prefix(4).reversed().reduce(UInt32(0)) {
                    $0 << 8 | UInt32($1)
                }
            }
            entries.append(entry(0x8000_0002 + UInt32(part), words))
        }
        // Caches of levels 1 (data, code), 2 and 3, and the end. Threads share all of them.
        for (index, kind) in [0x21, 0x22, 0x43, 0x63].enumerated() {
            let shared: UInt32 = kind == 0x63 ? 63 : 1
            entries.append(
                entry(4, UInt32(index), [UInt32(kind) | shared << 14 | 31 << 26, 7, 8, 9]))
            entries.append(
                entry(0x8000_001D, UInt32(index), [UInt32(kind) | shared << 14, 7, 8, 9]))
        }
        return CPUID(entries: entries + [entry(4, 4, [0, 0, 0, 0])])
    }

    private func guest(
        _ vendor: Words = Self.intel, host: UInt32 = 5, id: UInt32 = 0, of count: UInt32 = 1,
        _ registers: RegisterFilter = .withoutInterrupts
    ) -> CPUID {
        Self.host(vendor, id: host).normalized(
            Topology(id: id, count: count), brand: "a brand", registers: registers)
    }

    private func words(_ cpuid: CPUID, _ function: UInt32, _ index: UInt32 = 0) -> Words? {
        cpuid.entries.first { $0.function == function && $0.index == index }
            .map { [$0.eax, $0.ebx, $0.ecx, $0.edx] }
    }

    private func all(_ cpuid: CPUID) -> [Words] {
        cpuid.entries.map { [$0.function, $0.index, $0.flags, $0.eax, $0.ebx, $0.ecx, $0.edx] }
    }

    @Test("The host's CPU does not show", arguments: [intel, amd], RegisterFilter.allCases)
    func sameEverywhere(_ vendor: Words, _ registers: RegisterFilter) {
        let first = all(guest(vendor, host: 0, id: 1, of: 3, registers))
        for host: UInt32 in [1, 2, 3, 37, 63, 200] {
            #expect(all(guest(vendor, host: host, id: 1, of: 3, registers)) == first)
        }
    }

    @Test("vCPUs differ by their numbers alone")
    func numbers() throws {
        let (first, last) = (guest(of: 4), guest(id: 3, of: 4))
        let different = Set(zip(all(first), all(last)).filter { $0 != $1 }.map { $0.0[0] })
        #expect(different == [1, 0xB, 0x1F, 0x8000_001E])
    }

    /// Count, width of the numbers in bits, all that fit into these less one.
    static let counts: [(UInt32, UInt32, UInt32)] = [
        (1, 0, 0), (2, 1, 1), (3, 2, 3), (4, 2, 3), (5, 3, 7), (64, 6, 63), (200, 8, 255),
        (4096, 12, 4095),
    ]

    @Test("One package of cores with a thread each", arguments: counts)
    func onePackage(_ count: UInt32, width: UInt32, addressable: UInt32) throws {
        let id = count - 1
        let cpuid = guest(id: id, of: count)
        let leaf1 = try #require(words(cpuid, 1))
        #expect(leaf1[1] == id << 24 | min(count, 255) << 16 | 0x0800)
        #expect(leaf1[3] >> 28 & 1 == (count > 1 ? 1 : 0))
        for function: UInt32 in [0xB, 0x1F] {
            #expect(cpuid.entries.filter { $0.function == function }.count == 3)
            #expect(words(cpuid, function, 0) == [0, 1, 0x100, id])
            #expect(words(cpuid, function, 1) == [width, count, 0x201, id])
            #expect(words(cpuid, function, 2) == [0, 0, 2, id])
        }
        let cores = min(addressable, 63) << 26
        #expect(words(cpuid, 4, 0) == [0x21 | cores, 7, 8, 9])
        #expect(words(cpuid, 4, 2) == [0x43 | cores, 7, 8, 9])
        #expect(words(cpuid, 4, 3) == [0x63 | cores | addressable << 14, 7, 8, 9])
        #expect(words(cpuid, 4, 4) == [0, 0, 0, 0])
    }

    @Test("The same by AMD's leaves", arguments: counts)
    func onePackageOfAMD(_ count: UInt32, width: UInt32, _: UInt32) throws {
        let id = count - 1
        let cpuid = guest(Self.amd, id: id, of: count)
        #expect(words(cpuid, 0x8000_0008)?[2] == min(id, 255) | width << 12)
        #expect(words(cpuid, 0x8000_001E) == [id, id & 0xFF, 0, 0])
        #expect(words(cpuid, 0x8000_001D, 1) == [0x22, 7, 8, 9])
        #expect(words(cpuid, 0x8000_001D, 3) == [0x63 | id << 14, 7, 8, 9])
        let legacy = try #require(words(cpuid, 0x8000_0001))[2] >> 1 & 1
        #expect(legacy == (count > 1 ? 1 : 0))
    }

    @Test("No frequency, serial number or kind of core")
    func frequencies() {
        let cpuid = guest()
        for function: UInt32 in [3, 0x15, 0x16, 0x1A] {
            #expect(words(cpuid, function) == [0, 0, 0, 0])
        }
        #expect(words(cpuid, 0x8000_0002) == [0x7262_2061, 0x0064_6E61, 0, 0])
        #expect(words(cpuid, 0x8000_0003) == [0, 0, 0, 0])
        // Hybrid processors.
        #expect((words(cpuid, 7)?[3] ?? .max) >> 15 & 1 == 0)
    }

    @Test("The time stamp counter stays invariant", arguments: RegisterFilter.allCases)
    func invariantCounter(_ registers: RegisterFilter) {
        #expect(words(guest(Self.amd, registers), 0x8000_0007) == [0, 0, 0, 0x100])
    }

    @Test("What needs registers that the guest does not have, is not there")
    func registers() throws {
        let plain = guest(Self.amd)
        let kernel = guest(Self.amd, .withInterrupts)
        // x2APIC, deadline timer; APIC, SYSENTER, PAT; SYSCALL.
        for (function, register, bits) in [
            (1, 2, [21, 24]), (1, 3, [9, 11, 16]), (0x8000_0001, 3, [9, 11, 16]),
        ] as [(UInt32, Int, [UInt32])] {
            for bit in bits {
                #expect(try #require(words(plain, function))[register] >> bit & 1 == 0)
                #expect(try #require(words(kernel, function))[register] >> bit & 1 == 1)
            }
        }
        for cpuid in [plain, kernel] {
            #expect(words(cpuid, 0x4000_0001) == [0, 0, 0, 0])
            // MCE, MTRR, MCA.
            #expect(try #require(words(cpuid, 1))[3] & 0x5080 == 0)
            // SPEC_CTRL and its like.
            #expect(try #require(words(cpuid, 7))[3] >> 26 == 0)
            #expect(try #require(words(cpuid, 0x8000_0008))[1] == 0x4010_0005)
        }
    }
}
