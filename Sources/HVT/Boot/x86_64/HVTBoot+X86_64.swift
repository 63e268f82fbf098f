import Architecture
import Tender

extension HVTBoot {
    private typealias Map = HVTMemoryMap

    private static var code: BootState.Segment { .init(selector: 0x08, type: 9, long: true) }
    private static var data: BootState.Segment { .init(selector: 0x10, type: 3, long: false) }

    /// Writes the GDT to its address in `state` (Intel SDM volume 3, 3.4.5).
    func placeDescriptorTable() throws(TenderError) {
        try place(
            BootState.descriptorTable(code: Self.code, data: Self.data), at: Map.gdt)
    }

    /// Installs the exception table, which reports exceptions without a guest handler.
    ///
    /// Exception delivery reads descriptors by virtual address: `state` gets the GDT's other
    /// mapping.
    ///
    /// - Parameter task: the physical address of the page for TSS and stack, which is mapped.
    func placeExceptionTable(
        task: UInt64, _ state: inout BootState
    ) throws(TenderError) -> ExceptionTable {
        let taskAddress = Map.exceptions + Map.pageSize
        let table = ExceptionTable(at: Map.exceptions + (Map.exceptionTable - Map.gdt))
        try place(table.encoded, at: Map.exceptionTable)
        try place(ExceptionTable.encodedTask(at: taskAddress), at: task)
        table.enter(&state, task: taskAddress)
        state.gdtBase = Map.exceptions
        return table
    }

    /// 64-bit mode, ring 0, paging with write protection and no-execute.
    func state(entry: UInt64) -> BootState {
        BootState(
            entry: entry, stackPointer: size - 8, arguments: (Map.bootInfo, 0),
            // PG, WP, NE, PE.
            cr0: 0x8001_0021,
            cr3: Map.pml4,
            // OSXMMEXCPT, OSFXSR, PAE.
            cr4: 0x620,
            // NXE, LMA, LME.
            efer: 0xD00,
            gdtBase: Map.gdt, gdtLimit: 23,
            code: Self.code, data: Self.data, threadLocal: Self.data)
    }
}
