import CLinux
import Linux

// What CPUID tells the guest.
extension Partition {
    private typealias Layout = Interface.Layout
    private typealias Status = Interface.Status

    /// HVCALL_REGISTER_INTERCEPT_RESULT, for CPUID.
    func registerResult(_ input: Bytes) -> Outcome {
        guard input.count >= Layout.resultSize else {
            return Outcome(status: Status.invalidInput, done: 0)
        }
        guard let vp = vps[input.get(Layout.vpIndex)] else {
            return Outcome(status: Status.invalidVPIndex, done: 0)
        }
        guard input.get(Layout.resultType, as: UInt32.self) == Layout.resultTypeCPUID else {
            return Outcome(status: Status.invalidParameter, done: 0)
        }
        guard !vp.hasRun else {
            // KVM can't change it any more, so that the emulation can't either.
            state.complain("a result of CPUID is registered after the VP's first run")
            return Outcome(status: Status.invalidPartitionState, done: 0)
        }
        let isOfSubleaf = input.get(Layout.resultIsOfSubleaf, as: UInt8.self) != 0
        vp.results.append(
            CPUIDResult(
                leaf: input.get(Layout.resultLeaf),
                subleaf: isOfSubleaf ? input.get(Layout.resultSubleaf) : nil,
                registers: Layout.resultRegisters.map { (input.get($0), input.get($0 + 4)) }))
        return Outcome(done: 0)
    }

    /// HVCALL_GET_VP_CPUID_VALUES.
    func getCPUID(_ request: HypercallRequest, _ count: Int) throws(Errno) -> Outcome {
        let input = request.input
        guard request.repetitions > 0,
            input.count >= Layout.cpuidHeader + request.repetitions * Layout.cpuidQuerySize
        else { return Outcome(status: Status.invalidInput, done: 0) }
        guard let vp = vps[input.get(Layout.vpIndex)] else {
            return Outcome(status: Status.invalidVPIndex, done: 0)
        }
        let entries = try vp.cpuid()
        var answers = Bytes(count: count * Layout.cpuidAnswerSize)
        for index in 0..<count {
            let query = Layout.cpuidHeader + index * Layout.cpuidQuerySize
            let (leaf, subleaf): (UInt32, UInt32) = (input.get(query), input.get(query + 4))
            let entry = entries.first { $0.function == leaf && $0.answers(subleaf) }
            for (place, path) in CPUIDResult.registers.enumerated() {
                answers.set(
                    index * Layout.cpuidAnswerSize + place * 4, entry?[keyPath: path] ?? 0)
            }
        }
        return Outcome(done: count, output: answers.all)
    }
}

/// What a VMM makes CPUID tell.
struct CPUIDResult {
    let leaf: UInt32
    /// nil for all.
    let subleaf: UInt32?
    /// EAX, EBX, ECX, EDX, each with the bits of it that count.
    let registers: [(value: UInt32, mask: UInt32)]

    static var registers: [WritableKeyPath<kvm_cpuid_entry2, UInt32>] {
        [\.eax, \.ebx, \.ecx, \.edx]
    }

    /// Changes what KVM would tell, and adds the leaf if KVM has none.
    func apply(to entries: inout [kvm_cpuid_entry2]) {
        if !entries.contains(where: matches) {
            var entry = kvm_cpuid_entry2()
            entry.function = leaf
            entry.index = subleaf ?? 0
            entry.flags = subleaf == nil ? 0 : 1
            entries.append(entry)
        }
        for index in entries.indices where matches(entries[index]) {
            for (path, register) in zip(Self.registers, registers) {
                let kept = entries[index][keyPath: path] & ~register.mask
                entries[index][keyPath: path] = kept | register.value & register.mask
            }
        }
    }

    private func matches(_ entry: kvm_cpuid_entry2) -> Bool {
        entry.function == leaf && subleaf.map { entry.answers($0) } ?? true
    }
}

extension kvm_cpuid_entry2 {
    /// Flag KVM_CPUID_FLAG_SIGNIFCANT_INDEX is bit 0.
    fileprivate func answers(_ subleaf: UInt32) -> Bool { flags & 1 == 0 || index == subleaf }
}
