extension AArch64 {
    /// A vCPU's registers as in gdb's remote protocol: by number, as little-endian bytes. X0 to X30, SP,
    /// PC, PSTATE, V0 to V31, FPSR, FPCR, then system registers, which can only be read.
    public struct RegisterFile {
        public private(set) var state: Registers
        public private(set) var floating: FloatingPointState
        /// Whether changes must be written to the vCPU.
        public private(set) var isStateChanged = false
        public private(set) var isFloatingChanged = false

        static let stackPointer = 31
        static let programCounter = 32
        static let pstate = 33
        static let firstVector = 34
        static let vectorStatus = 66
        static let vectorControl = 67
        static let firstSystem = 68
        static let system = ["esr", "far", "elr", "spsr", "sctlr", "tcr", "ttbr0", "ttbr1", "vbar"]
        static let count = firstSystem + system.count

        public init(_ state: Registers, _ floating: FloatingPointState) {
            self.state = state
            self.floating = floating
        }

        /// - Returns: nil if the number is out of range.
        public func bytes(of number: Int) -> [UInt8]? {
            switch number {
            case 0..<Self.stackPointer: Self.bytes(state[number], 8)
            case Self.stackPointer: Self.bytes(state.stackPointer, 8)
            case Self.programCounter: Self.bytes(state.pc, 8)
            case Self.pstate: Self.bytes(state.pstate, 4)
            case Self.firstVector..<Self.vectorStatus: floating.vectors[number - Self.firstVector]
            case Self.vectorStatus: Self.bytes(UInt64(floating.status), 4)
            case Self.vectorControl: Self.bytes(UInt64(floating.control), 4)
            case Self.firstSystem..<Self.count:
                Self.bytes(systemRegister(number - Self.firstSystem), 8)
            default: nil
            }
        }

        private func systemRegister(_ index: Int) -> UInt64 {
            switch index {
            case 0: state.esr
            case 1: state.far
            case 2: state.elr
            case 3: state.spsr
            case 4: state.sctlr
            case 5: state.tcr
            case 6: state.ttbr0
            case 7: state.ttbr1
            default: state.vbar
            }
        }

        /// The bytes of all registers in sequence.
        public var bytes: [UInt8] { (0..<Self.count).flatMap { bytes(of: $0) ?? [] } }

        /// - Returns: false if the register is unknown, read-only, or of another size.
        public mutating func set(_ number: Int, to bytes: [UInt8]) -> Bool {
            guard number < Self.firstSystem, let old = self.bytes(of: number),
                old.count == bytes.count
            else { return false }
            guard old != bytes else { return true }
            let value = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            switch number {
            case 0..<Self.stackPointer: state[number] = value
            case Self.stackPointer: state.stackPointer = value
            case Self.programCounter: state.pc = value
            case Self.pstate: state.pstate = value
            default:
                setFloating(number, to: bytes, value)
                isFloatingChanged = true
                return true
            }
            isStateChanged = true
            return true
        }

        private mutating func setFloating(_ number: Int, to bytes: [UInt8], _ value: UInt64) {
            switch number {
            case Self.vectorStatus: floating.status = UInt32(truncatingIfNeeded: value)
            case Self.vectorControl: floating.control = UInt32(truncatingIfNeeded: value)
            default: floating.vectors[number - Self.firstVector] = bytes
            }
        }

        /// Sets all writable registers from `bytes`. Read-only ones at the end are ignored.
        ///
        /// - Returns: false if there are too few bytes.
        public mutating func setAll(_ bytes: [UInt8]) -> Bool {
            var rest = bytes[...]
            for number in 0..<Self.firstSystem {
                let size = self.bytes(of: number)?.count ?? 0
                guard rest.count >= size, set(number, to: Array(rest.prefix(size))) else {
                    return false
                }
                rest = rest.dropFirst(size)
            }
            return true
        }

        private static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        }

        // MARK: For people

        /// Names, and numbers: general registers, PSTATE, system registers.
        public static var groups: [[(name: String, number: Int)]] {
            [generalGroup, [("cpsr", pstate)], systemGroup]
        }

        private static var generalGroup: [(name: String, number: Int)] {
            (0..<stackPointer).map { ("x\($0)", $0) }
                + [("sp", stackPointer), ("pc", programCounter)]
        }

        private static var systemGroup: [(name: String, number: Int)] {
            system.enumerated().map { ($0.element, firstSystem + $0.offset) }
        }
    }
}
