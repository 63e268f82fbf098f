extension X86_64 {
    /// A vCPU's registers as in gdb's remote protocol: by number, as little-endian bytes.
    public struct RegisterFile {
        public private(set) var state: Registers
        public private(set) var floating: FloatingPointState
        /// Whether changes must be written to the vCPU.
        public private(set) var isStateChanged = false
        public private(set) var isFloatingChanged = false

        public init(_ state: Registers, _ floating: FloatingPointState) {
            self.state = state
            self.floating = floating
        }

        /// - Returns: nil if the number is out of range.
        public func bytes(of number: Int) -> [UInt8]? {
            switch number {
            case 0..<Register.flags: Self.bytes(general(number), 8)
            case Register.flags: Self.bytes(state.rflags, 4)
            case Register.firstSegment..<Register.firstStack:
                Self.bytes(UInt64(segment(number).selector), 4)
            case Register.firstStack..<Register.firstFloatingControl:
                floating.stack[number - Register.firstStack]
            case Register.firstFloatingControl..<Register.firstVector:
                Self.bytes(UInt64(floating.controlValue(number - Register.firstFloatingControl)), 4)
            case Register.firstVector..<Register.vectorControl:
                floating.vectors[number - Register.firstVector]
            case Register.vectorControl: Self.bytes(UInt64(floating.vectorControl), 4)
            case Register.fsBase: Self.bytes(state.fs.base, 8)
            case Register.gsBase: Self.bytes(state.gs.base, 8)
            case Register.firstSystem..<Register.count: Self.bytes(system(number), 8)
            default: nil
            }
        }

        /// The bytes of all registers in sequence.
        public var bytes: [UInt8] { (0..<Register.count).flatMap { bytes(of: $0) ?? [] } }

        /// - Returns: false if the register is unknown, read-only, or of another size.
        public mutating func set(_ number: Int, to bytes: [UInt8]) -> Bool {
            guard number < Register.changeableCount, let old = self.bytes(of: number),
                old.count == bytes.count
            else { return false }
            guard old != bytes else { return true }
            let value = Self.value(bytes)
            switch number {
            case 0..<Register.flags: setGeneral(number, to: value)
            case Register.flags: state.rflags = value
            case Register.firstSegment..<Register.firstStack:
                setSelector(number, to: UInt16(truncatingIfNeeded: value))
            case Register.fsBase: state.fs.base = value
            case Register.gsBase: state.gs.base = value
            default:
                setFloating(number, to: bytes)
                isFloatingChanged = true
                return true
            }
            isStateChanged = true
            return true
        }

        /// Sets all writable registers from `bytes`. Read-only ones at the end are ignored.
        ///
        /// - Returns: false if there are too few bytes.
        public mutating func setAll(_ bytes: [UInt8]) -> Bool {
            var rest = bytes[...]
            for number in 0..<Register.changeableCount {
                let size = self.bytes(of: number)?.count ?? 0
                guard rest.count >= size, set(number, to: Array(rest.prefix(size))) else {
                    return false
                }
                rest = rest.dropFirst(size)
            }
            return true
        }

        // MARK: One by one

        private func general(_ number: Int) -> UInt64 {
            switch number {
            case 0: state.rax
            case 1: state.rbx
            case 2: state.rcx
            case 3: state.rdx
            case 4: state.rsi
            case 5: state.rdi
            case 6: state.rbp
            case 7: state.rsp
            case 8: state.r8
            case 9: state.r9
            case 10: state.r10
            case 11: state.r11
            case 12: state.r12
            case 13: state.r13
            case 14: state.r14
            case 15: state.r15
            default: state.rip
            }
        }

        private mutating func setGeneral(_ number: Int, to value: UInt64) {
            switch number {
            case 0: state.rax = value
            case 1: state.rbx = value
            case 2: state.rcx = value
            case 3: state.rdx = value
            case 4: state.rsi = value
            case 5: state.rdi = value
            case 6: state.rbp = value
            case 7: state.rsp = value
            case 8: state.r8 = value
            case 9: state.r9 = value
            case 10: state.r10 = value
            case 11: state.r11 = value
            case 12: state.r12 = value
            case 13: state.r13 = value
            case 14: state.r14 = value
            case 15: state.r15 = value
            default: state.rip = value
            }
        }

        private func segment(_ number: Int) -> Registers.Segment {
            switch number - Register.firstSegment {
            case 0: state.cs
            case 1: state.ss
            case 2: state.ds
            case 3: state.es
            case 4: state.fs
            default: state.gs
            }
        }

        private mutating func setSelector(_ number: Int, to value: UInt16) {
            switch number - Register.firstSegment {
            case 0: state.cs.selector = value
            case 1: state.ss.selector = value
            case 2: state.ds.selector = value
            case 3: state.es.selector = value
            case 4: state.fs.selector = value
            default: state.gs.selector = value
            }
        }

        private func system(_ number: Int) -> UInt64 {
            switch number - Register.firstSystem {
            case 0: state.cr0
            case 1: state.cr2
            case 2: state.cr3
            case 3: state.cr4
            default: state.efer
            }
        }

        private mutating func setFloating(_ number: Int, to bytes: [UInt8]) {
            switch number {
            case Register.firstStack..<Register.firstFloatingControl:
                floating.stack[number - Register.firstStack] = bytes
            case Register.firstVector..<Register.vectorControl:
                floating.vectors[number - Register.firstVector] = bytes
            case Register.vectorControl:
                floating.vectorControl = UInt32(truncatingIfNeeded: Self.value(bytes))
            default:
                floating.setControlValue(
                    number - Register.firstFloatingControl,
                    to: UInt32(truncatingIfNeeded: Self.value(bytes)))
            }
        }

        // MARK: Bytes

        private static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        }

        private static func value(_ bytes: [UInt8]) -> UInt64 {
            bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }

        // MARK: For people

        /// Names, and numbers: general registers, flags and segments, bases, system registers.
        public static var groups: [[(name: String, number: Int)]] {
            [
                numbered(Register.general, from: 0),
                [("eflags", Register.flags)]
                    + numbered(Register.segments, from: Register.firstSegment),
                [("fs_base", Register.fsBase), ("gs_base", Register.gsBase)],
                numbered(Register.system, from: Register.firstSystem),
            ]
        }

        private static func numbered(_ names: [String], from first: Int) -> [(
            name: String, number: Int
        )] {
            names.enumerated().map { ($0.element, first + $0.offset) }
        }
    }
}
