import Bytes

extension AArch64 {
    /// The initial exception vectors: each exception exits to the tender, which reports it and ends
    /// the guest.
    ///
    /// Without them an exception of a guest that has no vectors yet would raise the next one, at an
    /// address that is not mapped, for ever: this architecture has no triple fault. The only
    /// instruction of a vector is a load from an address that is not memory, relative to the
    /// program counter. It changes no register, and needs no stack.
    ///
    /// A guest that sets VBAR_EL1 never comes here. A guest may jump to a vector; that only changes
    /// the numbers in the report on its end.
    ///
    ///     address        16 vectors
    ///       + 0x800      unused
    ///       + 0x1000     the page that they load from
    public struct ExceptionTable: Equatable, Sendable {
        /// The virtual address of the vectors, a multiple of the page size.
        public let address: UInt64

        public init(at address: UInt64) {
            self.address = address
        }

        /// Arm ARM, D1.3.1.
        private static let count = 16
        private static let stride = 0x80
        /// In bytes.
        public static let size = count * stride
        /// From the vectors to the page that they load from, in bytes.
        public static let distance = 0x1000

        /// The guest-physical address that vectors load from, in the page after that of hypercalls:
        /// 4 GiB + 4 KiB.
        public static let target: UInt64 = 0x1_0000_1000

        public var encoded: [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Self.size)
            for vector in 0..<Self.count {
                let words = (Self.distance - vector * Self.stride) / 4
                // ldr wzr, target (Arm ARM, C6.2.191): the distance in words is in bits 5 to 23.
                bytes.append(littleEndian: 0x1800_001F | UInt32(words) << 5)
                // If it is ever resumed, b back to it.
                bytes.append(littleEndian: UInt32(0x17FF_FFFF))
                bytes += [UInt8](repeating: 0, count: Self.stride - 8)
            }
            return bytes
        }

        /// Sets VBAR_EL1 in a vCPU's initial state.
        public func enter(_ state: inout BootState) {
            state.vbar = address
        }

        /// The exception that led to the vector at the vCPU's program counter.
        public func exception(_ registers: Registers) -> GuestException? {
            let (offset, isBelow) = registers.pc.subtractingReportingOverflow(address)
            guard !isBelow, offset < UInt64(Self.size) else { return nil }
            return GuestException(
                vector: UInt8(offset / UInt64(Self.stride)), syndrome: registers.esr,
                address: registers.far, TrapFrame(pc: registers.elr, pstate: registers.spsr))
        }
    }
}
