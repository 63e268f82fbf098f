extension AArch64 {
    /// An exception's syndrome, ESR_EL1 (Arm ARM, D19.2.37).
    public struct Syndrome: Equatable, Sendable {
        public let rawValue: UInt64

        public init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// The exception class.
        public var kind: UInt8 { UInt8(rawValue >> 26 & 0x3F) }
        /// Instruction-specific: the fault status of aborts.
        private var status: UInt8 { UInt8(rawValue & 0x3F) }

        // Classes of exceptions that were taken from this level; from a lower one they are 1 less.
        private static let instructionAbort: UInt8 = 0x21
        private static let dataAbort: UInt8 = 0x25

        private var isInstructionAbort: Bool { kind | 1 == Self.instructionAbort }
        private var isDataAbort: Bool { kind | 1 == Self.dataAbort }

        /// Whether FAR_EL1 has an address: of aborts, misaligned program counters, watchpoints. Not of
        /// external aborts that set FnV.
        public var hasAddress: Bool {
            switch kind {
            case 0x22, 0x34, 0x35: true
            default: (isInstructionAbort || isDataAbort) && rawValue >> 10 & 1 == 0
            }
        }

        public enum DebugEvent: Sendable {
            /// BRK.
            case instruction
            case step, breakpoint, watchpoint
        }

        /// The event of a debug exception; nil for another exception.
        public var debugEvent: DebugEvent? {
            switch kind {
            case 0x30, 0x31: .breakpoint
            case 0x32, 0x33: .step
            case 0x34, 0x35: .watchpoint
            case 0x3C: .instruction
            default: nil
            }
        }

        var number: String { "syndrome 0x\(String(rawValue, radix: 16))" }

        /// The exception in words.
        public var words: String {
            let words = "\(name) (\(number))"
            return isInstructionAbort || isDataAbort ? "\(words): \(access)" : words
        }

        private var name: String {
            switch kind {
            // With ISS 0: an instruction that is not defined at this level.
            case 0x00: "undefined instruction"
            case 0x01: "WFI or WFE that is trapped"
            case 0x07: "access to floating point or vector registers, which are off"
            case 0x0D: "branch target"
            case 0x0E: "illegal execution state"
            case 0x15: "supervisor call, SVC"
            case 0x16: "hypervisor call, HVC"
            case 0x17: "secure monitor call, SMC"
            case 0x18: "trapped system register or instruction"
            case 0x19: "access to vector registers (SVE), which are off"
            case 0x1C: "pointer authentication"
            case 0x20, 0x21: "instruction abort"
            case 0x22: "misaligned program counter"
            case 0x24, 0x25: "data abort"
            case 0x26: "misaligned stack pointer"
            case 0x2C: "floating-point exception"
            case 0x2F: "system error"
            case 0x30, 0x31: "debug exception, breakpoint"
            case 0x32, 0x33: "debug exception, single step"
            case 0x34, 0x35: "debug exception, watchpoint"
            case 0x3C: "breakpoint, BRK"
            default: "exception of class 0x\(String(kind, radix: 16))"
            }
        }

        /// What was accessed how, and what the tables said.
        private var access: String {
            // WnR is set for cache maintenance as well.
            let isWrite = rawValue >> 6 & 1 != 0
            let access =
                isInstructionAbort
                ? "instruction fetch from" : isWrite ? "write to" : "read from"
            switch status {
            case 0x00...0x03: return "\(access) a page whose address is too large"
            case 0x04...0x07: return "\(access) a page that is not mapped"
            case 0x08...0x0B: return "\(access) a page that is not marked as accessed"
            case 0x0C...0x0F: return "\(access) a page that does not allow it"
            case 0x10...0x17: return "\(access) memory that the host does not have"
            case 0x21: return "\(access) a misaligned address"
            case 0x35: return "\(access) memory that takes no exclusive access"
            default: return "\(access) memory failed, status 0x\(String(status, radix: 16))"
            }
        }
    }
}
