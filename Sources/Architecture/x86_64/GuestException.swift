extension X86_64 {
    /// An exception that the guest has no handler for, with the frame that the processor pushed
    /// (Intel SDM volume 3, 7.13 and 7.14).
    public struct GuestException: Equatable, Sendable {
        /// Whether such an exception would be a triple fault without the tender's exception table.
        public static var isTripleFault: Bool { true }

        public let vector: UInt8
        private let code: UInt64
        private let frame: TrapFrame

        /// - Parameter errorCode: 0 if the vector has no error code.
        public init(vector: UInt8, errorCode: UInt64 = 0, _ frame: TrapFrame) {
            self.vector = vector
            code = errorCode
            self.frame = frame
        }

        /// The address of the faulting instruction or, after a trap such as INT3, of the next.
        public var programCounter: UInt64 { frame.rip }

        /// The error code; the upper half of the word pushed is undefined.
        public var errorCode: UInt32? {
            Self.hasErrorCode(vector) ? UInt32(truncatingIfNeeded: code) : nil
        }

        private static let doubleFault: UInt8 = 8
        private static let pageFault: UInt8 = 14

        static func hasErrorCode(_ vector: UInt8) -> Bool {
            switch vector {
            case 8, 10...14, 17, 21, 29, 30: true
            default: false
            }
        }

        /// Whether the last page fault may be the cause.
        public var hasPageFault: Bool { vector == Self.pageFault || vector == Self.doubleFault }

        /// RFLAGS.RF, which the processor sets in the frame of a fault.
        private static let resume: UInt64 = 1 << 16

        /// Restores the registers to their values at the exception. Idempotent.
        public func apply(to state: inout Registers) {
            var frame = frame
            // The upper half of the word pushed is undefined.
            frame.rflags &= 0xFFFF_FFFF & ~Self.resume
            frame.apply(to: &state)
        }

        /// As in "page fault (vector 14, error code 0x2): write to a page that is not present".
        public var words: String {
            var numbers = "vector \(vector)"
            if let errorCode { numbers += ", error code 0x\(String(errorCode, radix: 16))" }
            let words = "\(name) (\(numbers))"
            guard vector == Self.pageFault, let errorCode else { return words }
            return "\(words): \(Self.access(errorCode))"
        }

        /// Intel SDM volume 3, 7.3.1.
        private var name: String {
            switch vector {
            case 0: "divide error"
            case 1: "debug exception"
            case 2: "non-maskable interrupt"
            case 3: "breakpoint, INT3"
            case 4: "overflow"
            case 5: "bound range exceeded"
            case 6: "invalid opcode"
            case 7: "device not available"
            case Self.doubleFault: "double fault"
            case 10: "invalid TSS"
            case 11: "segment not present"
            case 12: "stack-segment fault"
            case 13: "general protection"
            case Self.pageFault: "page fault"
            case 16: "x87 floating-point error"
            case 17: "alignment check"
            case 18: "machine check"
            case 19: "SIMD floating-point exception"
            case 20: "virtualization exception"
            case 21: "control protection"
            default: "exception"
            }
        }

        /// The access that a page fault's error code describes (Intel SDM volume 3, 5.7).
        private static func access(_ errorCode: UInt32) -> String {
            let isPresent = errorCode & 1 != 0
            if errorCode & 1 << 3 != 0 { return "reserved bits are set in a page table" }
            let isFetch = errorCode & 1 << 4 != 0
            let isWrite = errorCode & 1 << 1 != 0
            let access = isFetch ? "instruction fetch from" : isWrite ? "write to" : "read from"
            return "\(access) a page that \(isPresent ? "does not allow it" : "is not present")"
        }
    }
}
