import CLinux
import Testing

@testable import Hypervisor

/// What is hidden from guests of what the processor can.
struct CPUIDTests {
    enum Register: CaseIterable {
        case eax, ebx, ecx, edx
    }

    /// A leaf with all bits set, trimmed.
    private func trimmed(_ function: UInt32, index: UInt32 = 0) -> kvm_cpuid_entry2 {
        var cpuid = CPUID(entries: [
            kvm_cpuid_entry2(
                function: function, index: index, flags: 1, eax: .max, ebx: .max, ecx: .max,
                edx: .max, padding: (0, 0, 0))
        ])
        cpuid.trim()
        return cpuid.entries[0]
    }

    private func value(_ entry: kvm_cpuid_entry2, _ register: Register) -> UInt32 {
        switch register {
        case .eax: entry.eax
        case .ebx: entry.ebx
        case .ecx: entry.ecx
        case .edx: entry.edx
        }
    }

    struct Bits: CustomTestStringConvertible {
        let function: UInt32
        let register: Register
        let names: [UInt32: String]

        var testDescription: String { "\(String(function, radix: 16)) \(register)" }
    }

    /// Bits as the Intel SDM (volume 2A, CPUID) and the AMD APM (volume 3, E) number them.
    static let hidden = [
        Bits(
            function: 1, register: .ecx,
            names: [2: "DTES64", 4: "DS-CPL", 5: "VMX", 6: "SMX", 15: "PDCM"]),
        Bits(function: 1, register: .edx, names: [21: "DS"]),
        Bits(function: 7, register: .ebx, names: [2: "SGX", 25: "Intel PT"]),
        Bits(function: 7, register: .ecx, names: [30: "SGX_LC"]),
        Bits(function: 7, register: .edx, names: [1: "SGX-KEYS", 19: "architectural LBR"]),
        Bits(
            function: 0x8000_0001, register: .ecx,
            names: [
                2: "SVM", 10: "IBS", 12: "SKINIT", 23: "PerfCtrExtCore", 24: "PerfCtrExtNB",
                28: "PerfCtrExtLLC",
            ]),
    ]

    @Test("attack 17: processor features", arguments: hidden)
    func hidesBitsAndNoOthers(_ bits: Bits) {
        let value = value(trimmed(bits.function), bits.register)
        for bit: UInt32 in 0..<32 {
            #expect((value >> bit & 1 == 0) == (bits.names[bit] != nil), "bit \(bit)")
        }
    }

    /// The registers of the same leaves that are not in the list.
    @Test(arguments: [1, 7, 0x8000_0001] as [UInt32])
    func leavesOtherRegisters(_ function: UInt32) {
        let listed = Self.hidden.filter { $0.function == function }.map { $0.register }
        for register in Register.allCases where !listed.contains(register) {
            #expect(value(trimmed(function), register) == .max)
        }
    }

    @Test(
        arguments: [
            0xA, 0x12, 0x14, 0x1C, 0x23, 0x8000_000A, 0x8000_001B, 0x8000_001F, 0x8000_0022,
        ] as [UInt32])
    func emptiesLeaf(_ function: UInt32) {
        for index: UInt32 in 0..<3 {
            let entry = trimmed(function, index: index)
            for register in Register.allCases { #expect(value(entry, register) == 0) }
            #expect(entry.function == function && entry.index == index && entry.flags == 1)
        }
    }

    /// Among them those that KVM itself answers, and leaf 7 beyond its first part.
    @Test(
        arguments: [
            (0, 0), (2, 0), (4, 0), (6, 0), (7, 1), (7, 2), (0xB, 0), (0xD, 0), (0xD, 1), (0x15, 0),
            (0x4000_0000, 0), (0x4000_0001, 0), (0x8000_0000, 0), (0x8000_0007, 0),
            (0x8000_0008, 0),
            (0x8000_001E, 0),
        ] as [(UInt32, UInt32)])
    func leavesLeaf(_ function: UInt32, index: UInt32) {
        let entry = trimmed(function, index: index)
        for register in Register.allCases { #expect(value(entry, register) == .max) }
    }

    @Test func everyEntryIsTrimmed() {
        let entry = kvm_cpuid_entry2(
            function: 1, index: 0, flags: 0, eax: 0, ebx: 0, ecx: 1 << 5, edx: 0,
            padding: (0, 0, 0))
        var cpuid = CPUID(entries: [entry, entry, entry])
        cpuid.trim()
        #expect(cpuid.entries.map { $0.ecx } == [0, 0, 0])
    }
}
