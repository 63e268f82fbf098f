import Bytes

extension X86_64 {
    /// The interrupt table (IDT) that a guest starts with: it has each exception explained, and end the
    /// guest.
    ///
    /// Without one an exception is a triple fault, and KVM resets the vCPU of an AMD processor before
    /// the tender sees anything. Here the processor pushes what it knows of the exception and enters a
    /// stub, whose only instruction, an OUT, changes no register. The stack is one of its own (IST;
    /// Intel SDM volume 3, 7.14.5), so that it does not matter whether the guest's is usable.
    ///
    /// A guest that loads a table of its own never comes here. It may jump to a stub or overwrite the
    /// stack; all that it gets by that is other numbers in the report on its end.
    ///
    ///     address          IDT, gates 0 to 31
    ///       + 0x200        stubs 0 to 31
    ///     task             TSS, of each vCPU
    ///       + 0x68         its stack, which begins at the upper end
    ///       + 0x100
    public struct ExceptionTable: Equatable, Sendable {
        /// Its virtual address.
        public let address: UInt64

        public init(at address: UInt64) {
            self.address = address
        }

        /// Intel's and AMD's exceptions; what is above is for interrupts.
        private static let count = 32
        private static let gateSize = 16
        private static let stubSize = 4
        private static let gatesSize = count * gateSize
        /// In bytes, stubs included.
        public static let size = gatesSize + count * stubSize

        /// A TSS without I/O permission map.
        private static let taskStateSize = 104
        /// In bytes, the stack included: there is room for much more than is pushed, 48 bytes.
        public static let taskSize = 256

        /// What stubs write a byte to. It is no hypercall's, and no port of the devices that guests are
        /// offered.
        public static let port: UInt16 = 0xF4

        private var stubs: UInt64 { address &+ UInt64(Self.gatesSize) }

        /// The table and the stubs, for guests whose 64-bit code segment has selector 0x08.
        public var encoded: [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Self.size)
            for vector in 0..<Self.count {
                let stub = stubs &+ UInt64(vector * Self.stubSize)
                bytes.append(littleEndian: UInt16(truncatingIfNeeded: stub))
                bytes.append(littleEndian: UInt16(0x08))
                // An interrupt gate for ring 0 that takes stack 1 of the TSS.
                bytes.append(littleEndian: UInt16(0x8E01))
                bytes.append(littleEndian: UInt16(truncatingIfNeeded: stub >> 16))
                bytes.append(littleEndian: stub >> 32)
            }
            for _ in 0..<Self.count {
                // out %al, $port; should it ever be resumed: jmp to the same again.
                bytes += [0xE6, UInt8(Self.port), 0xEB, 0xFC]
            }
            return bytes
        }

        /// The TSS for a vCPU that has this virtual address for it.
        public static func encodedTask(at task: UInt64) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 36)
            bytes.append(littleEndian: task &+ UInt64(taskSize))
            bytes += [UInt8](repeating: 0, count: taskStateSize - 2 - bytes.count)
            // The I/O permission map begins past the limit: there is none.
            bytes.append(littleEndian: UInt16(taskStateSize))
            return bytes
        }

        /// Has a vCPU start with this table.
        public func enter(_ state: inout BootState, task: UInt64) {
            state.idtBase = address
            state.idtLimit = UInt16(Self.gatesSize - 1)
            state.taskBase = task
            state.taskLimit = UInt32(Self.taskStateSize - 1)
        }

        /// What the processor pushed for the stub that a vCPU is in.
        ///
        /// - Parameter word: what is at a virtual address; nil if that can't be told.
        public func exception(
            _ registers: Registers, word: (_ address: UInt64) -> UInt64?
        ) -> GuestException? {
            let (offset, isBelow) = registers.rip.subtractingReportingOverflow(stubs)
            guard !isBelow, offset < UInt64(Self.count * Self.stubSize) else { return nil }
            let vector = UInt8(offset / UInt64(Self.stubSize))
            var place = registers.rsp
            func pop() -> UInt64? {
                defer { place &+= 8 }
                return word(place)
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
