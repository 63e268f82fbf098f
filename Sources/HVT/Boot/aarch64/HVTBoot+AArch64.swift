import ABI
import Architecture
import Hypervisor
import Tender

/// The addresses of what an aarch64 processor needs.
///
/// The upper half of the address space has two pages: the exception vectors, and the one that they
/// load from. The guest's own mappings are in the lower half.
private enum Address {
    static let root: UInt64 = 0x1000
    static let upperRoot: UInt64 = 0x8000
    static let vectors: UInt64 = 0x9000
    /// The virtual address of the vectors: the beginning of the upper half, of 40 bits.
    static let exceptions: UInt64 = 0xFFFF_FF00_0000_0000
}

extension AArch64: HVTProcessor {
    static var numbering: HypercallNumbering {
        .row(first: HVT_HYPERCALL_MMIO_BASE, stride: UInt64(HVT_HYPERCALL_MMIO_STRIDE))
    }

    @inline(__always)
    static func hypercall(_ exit: Exit) -> (number: Int, argument: UInt64)? {
        let stride = UInt64(HVT_HYPERCALL_MMIO_STRIDE)
        let base = UInt64(HVT_HYPERCALL_MMIO_BASE)
        guard case .mmioWrite(let address, 4, let value) = exit, address >= base,
            address < base + UInt64(DispatchTable.count) * stride, address % stride == 0
        else { return nil }
        return (Int((address - base) / stride), value)
    }

    @inline(__always)
    static func isKick(_ exit: Exit) -> Bool {
        if case .mmioWrite(HVT_RING_KICK_MMIO, 4, _) = exit { true } else { false }
    }

    /// A kick is a store like any other.
    static var kickMark: UInt8? { nil }

    static var tables: TableLayout {
        TableLayout(
            root: Address.root, pointers: 0x2000, directories: 0x3000, first: 0x7000,
            // The GiB with the addresses of hypercalls.
            otherPointers: [
                (
                    Int(HVT_HYPERCALL_MMIO_BASE >> 30),
                    entry(page: HVT_HYPERCALL_MMIO_BASE, isLarge: true, .device)
                )
            ],
            spare: 0xA000..<HVTMemoryMap.bootInfo,
            exceptions: (Address.upperRoot, 0), exceptionCode: Address.vectors,
            exceptionDevice: ExceptionTable.target & ~0xFFF, needsExceptions: true)
    }

    static func entry(table: UInt64) -> UInt64 { PageTableEntry(table: table).rawValue }

    static func entry(page: UInt64, isLarge: Bool, _ use: PageUse) -> UInt64 {
        let memory: PageTableEntry.Attributes = [
            .memoryType(MemoryType.writeBack), .innerShareable, .accessed,
        ]
        // Code at exception level 0 has its own mappings.
        let attributes: PageTableEntry.Attributes =
            switch use {
            case .code: memory.union(.noUserExecute)
            case .data: memory.union(.noExecute)
            case .readOnlyData: memory.union([.noExecute, .readOnly])
            case .readOnlyCode: memory.union([.noUserExecute, .readOnly])
            case .device: [.memoryType(MemoryType.device), .innerShareable, .accessed, .noExecute]
            }
        return isLarge
            ? PageTableEntry(block: page, attributes).rawValue
            : PageTableEntry(page: page, attributes).rawValue
    }

    /// Indices in MAIR_EL1, and its value.
    private enum MemoryType {
        /// Device-nGnRE.
        static let device: UInt64 = 1
        /// Normal memory, write-back.
        static let writeBack: UInt64 = 4
        /// As in the reference tender: nGnRnE, nGnRE, GRE, not cached, write-back, write-through.
        static let all: UInt64 = 0x0000_BBFF_440C_0400
    }

    static func start(
        _ boot: HVTBoot, entry: UInt64, exceptions: UInt64?
    ) throws(TenderError) -> (state: BootState, exceptions: ExceptionTable?) {
        var state = state(entry: entry, size: boot.size)
        guard exceptions != nil else { return (state, nil) }
        let table = ExceptionTable(at: Address.exceptions)
        try boot.place(table.encoded, at: Address.vectors)
        table.enter(&state)
        return (state, table)
    }

    /// Exception level 1, with paging and caches on, as in the reference tender.
    static func state(entry: UInt64, size: UInt64) -> BootState {
        BootState(
            entry: entry, stackPointer: size - 16, argument: HVTMemoryMap.bootInfo,
            // Debug exceptions, SError and interrupts masked; level 1 with its own stack pointer.
            pstate: 0x3C5,
            // I, C, M.
            sctlr: 0x1005,
            // FPEN: floating point at all levels.
            cpacr: 3 << 20,
            mair: MemoryType.all,
            // TBI0, ASIDs of 16 bits. Both halves: 40 bits, 4 KiB pages, tables in inner shareable
            // write-back memory.
            tcr: 0x30_B518_3518,
            ttbr0: Address.root, ttbr1: Address.upperRoot)
    }
}
