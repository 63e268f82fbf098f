import Hypervisor

/// What is known of why a guest could not go on at the instruction that it stopped at.
package enum FaultCause: Equatable {
    /// The tender's exception table was entered.
    case exception(GuestException)
    /// A triple fault, with registers as they were then.
    case tripleFault
    /// A triple fault, after which KVM has reset the vCPU: it does so on AMD processors. An
    /// interrupt table of the guest's own, or its page tables, let no exception through.
    case reset
    case emulation(EmulationFailure)

    /// - Parameters:
    ///   - exit: what the vCPU stopped for, with the exception that it stands for, if any.
    ///   - state: the registers then.
    package init?(
        _ exit: Exit, _ exception: GuestException?, _ state: CPUState, of vcpu: some VCPU
    ) {
        if let exception {
            self = .exception(exception)
            return
        }
        switch exit {
        case .shutdown: self = state.isReset ? .reset : .tripleFault
        case .internalError(suberror: EmulationFailure.suberror):
            guard let failure = vcpu.emulationFailure else { return nil }
            self = .emulation(failure)
        default: return nil
        }
    }

    /// Whether the last page fault's address may have to do with it.
    var hasPageFault: Bool {
        switch self {
        case .exception(let exception): exception.hasPageFault
        case .tripleFault: true
        case .reset, .emulation: false
        }
    }

    /// To follow the place of the instruction; nil if there is nothing more to say.
    func words(_ state: CPUState, _ memory: GuestMemory) -> String? {
        switch self {
        case .exception(let exception): return exception.words
        case .tripleFault: return nil
        case .reset:
            return "KVM has reset the vCPU, as it does on AMD processors, so where the guest was "
                + "is not known"
        case .emulation(let failure):
            let told = failure.instruction
            let bytes = told.isEmpty ? Self.instruction(state, memory) : told
            var words = "KVM can't emulate this instruction"
            if !bytes.isEmpty { words += ", which begins with \(Self.hexadecimal(bytes))" }
            if failure.emulatesRing0, state.cs.selector & 3 == 0 {
                words +=
                    "; this host's KVM emulates ring 0, for its processor has neither VMX nor SVM"
            }
            return words
        }
    }

    /// The longest instruction has this many bytes.
    private static let longestInstruction: UInt64 = 15

    /// What is at RIP, as far as it is in memory.
    private static func instruction(_ state: CPUState, _ memory: GuestMemory) -> [UInt8] {
        let space = AddressSpace(memory: memory, root: state.cr3)
        guard
            let place = try? space.piece(at: state.rip, upTo: longestInstruction, for: .read)
        else { return [] }
        return memory.bytes(in: place)
    }

    /// Two digits a byte.
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }
}
