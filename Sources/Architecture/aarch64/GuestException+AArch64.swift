extension AArch64 {
    /// An exception that the guest has no handler for (Arm ARM, D1.3).
    public struct GuestException: Equatable, Sendable {
        /// Whether such an exception would be a triple fault without the tender's exception table. This
        /// architecture has none.
        public static var isTripleFault: Bool { false }

        /// The number of the vector, from 0 to 15.
        public let vector: UInt8
        public let syndrome: Syndrome
        /// FAR_EL1.
        private let address: UInt64
        private let frame: TrapFrame

        /// - Parameters:
        ///   - syndrome: ESR_EL1, which only synchronous exceptions and SError set.
        ///   - address: FAR_EL1.
        public init(vector: UInt8, syndrome: UInt64, address: UInt64, _ frame: TrapFrame) {
            self.vector = vector
            self.syndrome = Syndrome(rawValue: syndrome)
            self.address = address
            self.frame = frame
        }

        /// The address of the instruction or, after one that asks for the exception, of the next.
        public var programCounter: UInt64 { frame.pc }

        private enum Kind: UInt8 {
            case synchronous, interrupt, fastInterrupt, systemError
        }

        private var kind: Kind { Kind(rawValue: vector & 3) ?? .synchronous }

        /// Whether FAR_EL1 has the address that the exception is about.
        public var hasPageFault: Bool { kind == .synchronous && syndrome.hasAddress }

        /// Restores the registers to their values at the exception. Idempotent.
        public func apply(to state: inout Registers) {
            frame.apply(to: &state)
        }

        /// As in "data abort (syndrome 0x96000045): write to a page that is not mapped".
        public var words: String {
            switch kind {
            case .synchronous: syndrome.words
            case .interrupt: "interrupt (IRQ)"
            case .fastInterrupt: "interrupt (FIQ)"
            case .systemError: "system error (SError, \(syndrome.number))"
            }
        }
    }
}
