import Architecture
import Hypervisor

/// The cause of a fault at the instruction that the guest stopped at, as far as it is known.
package enum FaultCause: Equatable {
    /// The tender's exception table was entered.
    case exception(GuestException)
    /// A triple fault, with the registers as they were at that time.
    case tripleFault
    /// A triple fault after which the hypervisor has reset the vCPU, as KVM does on AMD processors.
    /// The guest's own IDT or page tables kept the exception from the tender's exception table.
    case reset
    case emulation(EmulationFailure)

    /// - Parameters:
    ///   - exit: the vCPU's exit, with the exception that it reports, if any.
    ///   - state: the registers at the exit.
    package init?(
        _ exit: Exit, _ exception: GuestException?, _ state: some RegisterSet, of vcpu: some VCPU
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

    /// Whether the address of the last page fault (CR2) may be related.
    var hasPageFault: Bool {
        switch self {
        case .exception(let exception): exception.hasPageFault
        case .tripleFault: true
        case .reset, .emulation: false
        }
    }

    /// Text to follow the location of the instruction; nil if there is nothing more to say.
    func words(
        _ state: some RegisterSet, _ memory: GuestMemory, on backEnd: BackEnd
    ) -> String? {
        switch self {
        case .exception(let exception): return exception.words
        case .tripleFault: return nil
        case .reset:
            return "\(backEnd.name) has reset the vCPU, \(backEnd.resetHabit), so where the guest "
                + "was is not known"
        case .emulation(let failure):
            let told = failure.instruction
            let bytes = told.isEmpty ? Self.instruction(state, memory) : told
            var words = "\(backEnd.name) can't emulate this instruction"
            if !bytes.isEmpty { words += ", which begins with \(Self.hexadecimal(bytes))" }
            if let reason = failure.privilegedReason, state.isPrivileged { words += "; \(reason)" }
            return words
        }
    }

    /// The instruction bytes at the program counter, as far as they are in memory.
    private static func instruction<Set: RegisterSet>(
        _ state: Set, _ memory: GuestMemory
    ) -> [UInt8] {
        let space = AddressSpace(memory: memory, translation: state.translation)
        guard
            let range = try? space.piece(
                at: state.programCounter, upTo: UInt64(Set.longestInstruction), for: .read)
        else { return [] }
        return memory.bytes(in: range)
    }

    /// Two digits per byte, separated by spaces.
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }
}
