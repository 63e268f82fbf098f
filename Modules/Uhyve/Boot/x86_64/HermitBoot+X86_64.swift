import Architecture
import Tender

extension HermitBoot {
    private static var code: BootState.Segment { .init(selector: 0x08, type: 11, long: true) }
    private static var data: BootState.Segment { .init(selector: 0x10, type: 3, long: false) }

    /// Writes the GDT (Intel SDM volume 3, 3.4.5).
    func placeDescriptorTable() throws(TenderError) {
        try place(
            BootState.descriptorTable(code: Self.code, data: Self.data), at: layout.gdt)
    }

    /// Installs an exception table (IDT), for reports on exceptions before the guest's kernel loads
    /// its own.
    ///
    /// - Parameter states: the initial states of all vCPUs, in order.
    func placeExceptionTable(_ states: inout [BootState]) throws(TenderError) {
        let table = layout.exceptions
        try place(words: table.words, at: table.address)
        for index in states.indices.prefix(HermitLayout.taskCapacity) {
            let task = layout.task(cpu: index)
            try place(ExceptionTable.encodedTask(at: task), at: task)
            table.enter(&states[index], task: task)
        }
    }

    /// The initial registers of a vCPU. All vCPUs enter at once; the guest's kernel serialises
    /// them.
    ///
    /// - Parameter entry: the entry point of the image, as linked.
    func state(entry: UInt64, cpu index: UInt32) -> BootState {
        BootState(
            entry: entry &+ layout.bias, stackPointer: layout.stack,
            arguments: (layout.bootInformation, UInt64(index)),
            // PG, NE, ET, PE.
            cr0: 0x8000_0031,
            cr3: layout.rootTable,
            // PAE.
            cr4: 0x20,
            // NXE, LMA, LME.
            efer: 0xD00,
            gdtBase: layout.gdt, gdtLimit: 23,
            // No IDT, as after a reset.
            idtLimit: 0xFFFF,
            code: Self.code, data: Self.data,
            // As after a reset.
            threadLocal: BootState.Segment(selector: 0, type: 3, long: false))
    }
}
