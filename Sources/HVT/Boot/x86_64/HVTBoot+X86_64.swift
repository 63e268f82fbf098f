import ABI
import Architecture
import Hypervisor
import Tender

/// The addresses of what an x86_64 processor needs.
///
/// The page at 0x1000, and one for TSS and stack, are mapped again at `exceptions`, apart from the
/// guest's own mappings: read and execute the former, write the latter.
private enum Address {
    static let gdt: UInt64 = 0x1000
    /// The exception table, in the same page.
    static let exceptionTable: UInt64 = 0x1100
    /// The virtual address of the exception mappings: the beginning of the upper half.
    static let exceptions: UInt64 = 0xFFFF_8000_0000_0000
    static let pml4: UInt64 = 0x2000
}

extension X86_64: HVTProcessor {
    static var numbering: HypercallNumbering {
        .row(first: UInt64(HVT_HYPERCALL_PIO_BASE), stride: 1)
    }

    @inline(__always)
    static func hypercall(_ exit: Exit) -> (number: Int, argument: UInt64)? {
        guard case .portWrite(let port, 4, let value) = exit,
            port >= UInt16(HVT_HYPERCALL_PIO_BASE),
            port < UInt16(HVT_HYPERCALL_PIO_BASE) + UInt16(DispatchTable.count)
        else { return nil }
        return (Int(port) - Int(HVT_HYPERCALL_PIO_BASE), UInt64(value))
    }

    @inline(__always)
    static func isKick(_ exit: Exit) -> Bool {
        if case .portWrite(UInt16(HVT_RING_KICK_PIO), 4, _) = exit { true } else { false }
    }

    /// The first byte of `mov $imm, %edx`.
    static var kickMark: UInt8? { 0xBA }

    static var tables: TableLayout {
        TableLayout(
            root: Address.pml4, pointers: 0x3000, directories: 0x4000, first: 0x8000,
            otherPointers: [], spare: 0x9000..<HVTMemoryMap.bootInfo,
            // The first entry of the upper half.
            exceptions: (Address.pml4, 256), exceptionCode: Address.gdt, exceptionDevice: nil,
            needsExceptions: false)
    }

    static func entry(table: UInt64) -> UInt64 { PageTableEntry(table, .table).rawValue }

    static func entry(page: UInt64, isLarge: Bool, _ use: PageUse) -> UInt64 {
        let flags: PageTableEntry.Flags =
            switch use {
            case .code: [.present, .writable]
            case .data, .device: [.present, .writable, .noExecute]
            case .readOnlyData: [.present, .noExecute]
            case .readOnlyCode: .present
            }
        return PageTableEntry(page, isLarge ? flags.union(.large) : flags).rawValue
    }

    static func start(
        _ boot: HVTBoot, entry: UInt64, exceptions: UInt64?
    ) throws(TenderError) -> (state: BootState, exceptions: ExceptionTable?) {
        try boot.placeDescriptorTable()
        var state = boot.state(entry: entry)
        guard let exceptions else { return (state, nil) }
        let table = try boot.placeExceptionTable(task: exceptions, &state)
        return (state, table)
    }
}

extension HVTBoot {
    private typealias BootState = X86_64.BootState
    private typealias Map = HVTMemoryMap

    private static var code: BootState.Segment { .init(selector: 0x08, type: 9, long: true) }
    private static var data: BootState.Segment { .init(selector: 0x10, type: 3, long: false) }

    /// Writes the GDT to its address in `state` (Intel SDM volume 3, 3.4.5).
    func placeDescriptorTable() throws(TenderError) {
        try place(
            BootState.descriptorTable(code: Self.code, data: Self.data), at: Address.gdt)
    }

    /// Installs the exception table, which reports exceptions without a guest handler.
    ///
    /// Exception delivery reads descriptors by virtual address: `state` gets the GDT's other
    /// mapping.
    ///
    /// - Parameter task: the physical address of the page for TSS and stack, which is mapped.
    func placeExceptionTable(
        task: UInt64, _ state: inout X86_64.BootState
    ) throws(TenderError) -> X86_64.ExceptionTable {
        let taskAddress = Address.exceptions + Map.pageSize
        let table = X86_64.ExceptionTable(
            at: Address.exceptions + (Address.exceptionTable - Address.gdt))
        try place(words: table.words, at: Address.exceptionTable)
        try place(X86_64.ExceptionTable.encodedTask(at: taskAddress), at: task)
        table.enter(&state, task: taskAddress)
        state.gdtBase = Address.exceptions
        return table
    }

    /// 64-bit mode, ring 0, paging with write protection and no-execute.
    func state(entry: UInt64) -> X86_64.BootState {
        BootState(
            entry: entry, stackPointer: size - 8, arguments: (Map.bootInfo, 0),
            // PG, WP, NE, PE.
            cr0: 0x8001_0021,
            cr3: Address.pml4,
            // OSXMMEXCPT, OSFXSR, PAE.
            cr4: 0x620,
            // NXE, LMA, LME.
            efer: 0xD00,
            gdtBase: Address.gdt, gdtLimit: 23,
            code: Self.code, data: Self.data, threadLocal: Self.data)
    }
}
