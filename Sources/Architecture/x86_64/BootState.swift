import Bytes

extension X86_64 {
    /// A vCPU's initial state. Other registers are zero, or as after a reset.
    public struct BootState: Equatable, Sendable {
        public var entry: UInt64
        public var stackPointer: UInt64
        /// The boot arguments, in RDI and RSI.
        public var arguments: (UInt64, UInt64)
        public var cr0: UInt64
        /// The physical address of the root page table.
        public var cr3: UInt64
        public var cr4: UInt64
        public var efer: UInt64
        public var gdtBase: UInt64
        public var gdtLimit: UInt16
        /// The interrupt table (IDT), at a virtual address.
        public var idtBase: UInt64
        public var idtLimit: UInt16
        /// The task state segment (TSS), at a virtual address; both are 0 if there is none.
        public var taskBase: UInt64 = 0
        public var taskLimit: UInt32 = 0
        public var code: Segment
        /// For SS, DS and ES.
        public var data: Segment
        /// For FS and GS; their bases are 0.
        public var threadLocal: Segment

        public init(
            entry: UInt64, stackPointer: UInt64, arguments: (UInt64, UInt64), cr0: UInt64,
            cr3: UInt64,
            cr4: UInt64, efer: UInt64, gdtBase: UInt64, gdtLimit: UInt16,
            idtBase: UInt64 = 0, idtLimit: UInt16 = 0, code: Segment, data: Segment,
            threadLocal: Segment
        ) {
            self.entry = entry
            self.stackPointer = stackPointer
            self.arguments = arguments
            self.cr0 = cr0
            self.cr3 = cr3
            self.cr4 = cr4
            self.efer = efer
            self.gdtBase = gdtBase
            self.gdtLimit = gdtLimit
            self.idtBase = idtBase
            self.idtLimit = idtLimit
            self.code = code
            self.data = data
            self.threadLocal = threadLocal
        }

        public static func == (left: BootState, right: BootState) -> Bool {
            left.entry == right.entry && left.stackPointer == right.stackPointer
                && left.arguments == right.arguments && left.cr0 == right.cr0
                && left.cr3 == right.cr3
                && left.cr4 == right.cr4 && left.efer == right.efer && left.gdtBase == right.gdtBase
                && left.gdtLimit == right.gdtLimit && left.idtBase == right.idtBase
                && left.idtLimit == right.idtLimit && left.taskBase == right.taskBase
                && left.taskLimit == right.taskLimit
                && left.code == right.code
                && left.data == right.data && left.threadLocal == right.threadLocal
        }

        /// A flat ring 0 segment: base 0, limit 4 GiB (Intel SDM volume 3, 3.4.5).
        public struct Segment: Equatable, Sendable {
            public var selector: UInt16
            /// The type field of the descriptor.
            public var type: UInt8
            /// 64-bit code.
            public var long: Bool

            public init(selector: UInt16, type: UInt8, long: Bool) {
                self.selector = selector
                self.type = type
                self.long = long
            }

            /// The descriptor: G, P and S set; L for 64-bit code, D/B for others.
            var descriptor: UInt64 {
                0x000F_9000_0000_FFFF | UInt64(type) << 40 | (long ? 0xA : 0xC) << 52
            }
        }

        /// The bytes of a GDT: the null descriptor, code at selector 0x08, data at 0x10.
        public static func descriptorTable(code: Segment, data: Segment) -> [UInt8] {
            var table: [UInt8] = []
            for descriptor in [0, code.descriptor, data.descriptor] {
                table.append(littleEndian: descriptor)
            }
            return table
        }
    }
}
