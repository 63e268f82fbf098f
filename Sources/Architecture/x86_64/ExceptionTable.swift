import Bytes

extension X86_64 {
    /// The initial interrupt descriptor table (IDT): each exception exits to the tender, which
    /// reports it and ends the guest.
    ///
    /// Without it an exception is a triple fault, and on AMD processors KVM resets the vCPU before
    /// the tender sees any state. With it, the processor pushes the exception's frame and enters a
    /// stub, whose only instruction, an OUT, changes no register. The stack is separate (IST; Intel
    /// SDM volume 3, 7.14.5), so that the guest's stack need not be usable.
    ///
    /// A guest that loads its own IDT never comes here. A guest may jump to a stub or overwrite the
    /// stack; that only changes the numbers in the report on its end.
    ///
    ///     address          IDT, gates 0 to 31
    ///       + 0x200        stubs 0 to 31
    ///     task             TSS, of each vCPU
    ///       + 0x68         its stack, which begins at the upper end
    ///       + 0x100
    public struct ExceptionTable: Equatable, Sendable {
        /// The virtual address of the IDT.
        public let address: UInt64

        public init(at address: UInt64) {
            self.address = address
        }

        /// The architectural exceptions; higher vectors are interrupts.
        private static let count = 32
        private static let gateSize = 16
        private static let stubSize = 4
        private static let gatesSize = count * gateSize
        /// In bytes, stubs included.
        public static let size = gatesSize + count * stubSize

        /// A TSS without I/O permission map.
        private static let taskStateSize = 104
        /// In bytes, including the stack, which is larger than the 48 bytes that are pushed.
        public static let taskSize = 256

        /// The I/O port that stubs write a byte to; used by no hypercall or emulated device.
        public static let port: UInt16 = 0xF4

        private var stubs: UInt64 { address &+ UInt64(Self.gatesSize) }

        /// The table and the stubs, in 64-bit words, for guests whose 64-bit code segment has selector
        /// 0x08.
        public var words: [UInt64] {
            var words: [UInt64] = []
            words.reserveCapacity(Self.size / 8)
            // An interrupt gate for ring 0 that takes stack 1 of the TSS.
            let gate: UInt64 = 0x8E01 << 32 | 0x08 << 16
            for vector in 0..<Self.count {
                let stub = stubs &+ UInt64(vector * Self.stubSize)
                words.append(gate | (stub >> 16 & 0xFFFF) << 48 | stub & 0xFFFF)
                words.append(stub >> 32)
            }
            // out %al, $port; if it is ever resumed, jmp back to it. Two stubs are a word.
            let stub: UInt64 = 0xFCEB_00E6 | UInt64(Self.port) << 8
            for _ in 0..<Self.count / 2 { words.append(stub << 32 | stub) }
            return words
        }

        /// The TSS of a vCPU, at this virtual address.
        public static func encodedTask(at task: UInt64) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 36)
            bytes.append(littleEndian: task &+ UInt64(taskSize))
            bytes += [UInt8](repeating: 0, count: taskStateSize - 2 - bytes.count)
            // The I/O permission map begins past the limit: no map.
            bytes.append(littleEndian: UInt16(taskStateSize))
            return bytes
        }

        /// Sets IDTR and TR in a vCPU's initial state.
        public func enter(_ state: inout BootState, task: UInt64) {
            state.idtBase = address
            state.idtLimit = UInt16(Self.gatesSize - 1)
            state.taskBase = task
            state.taskLimit = UInt32(Self.taskStateSize - 1)
        }

        /// The exception, from the frame pushed for the stub at the vCPU's program counter.
        ///
        /// - Parameter word: reads the word at a virtual address; nil if it can't be read.
        public func exception(
            _ registers: Registers, word: (_ address: UInt64) -> UInt64?
        ) -> GuestException? {
            let (offset, isBelow) = registers.rip.subtractingReportingOverflow(stubs)
            guard !isBelow, offset < UInt64(Self.count * Self.stubSize) else { return nil }
            let vector = UInt8(offset / UInt64(Self.stubSize))
            var address = registers.rsp
            func pop() -> UInt64? {
                defer { address &+= 8 }
                return word(address)
            }
            guard let errorCode = GuestException.hasErrorCode(vector) ? pop() : 0,
                let rip = pop(), let cs = pop(), let rflags = pop(), let rsp = pop(), let ss = pop()
            else { return nil }
            return GuestException(
                vector: vector, errorCode: errorCode,
                TrapFrame(rip: rip, cs: cs, rflags: rflags, rsp: rsp, ss: ss))
        }
    }
}
