import ABI
import Bytes
import Hypervisor
import Linux
import Tender

/// The state in which an hvt guest starts: its memory, and the registers of its vCPU.
struct HVTBoot {
    private typealias Map = HVTMemoryMap

    let memory: GuestMemory

    /// Commits in small pages what every guest touches first, and little of: the tender's own at the
    /// bottom, and the stack at the top.
    func keepPagesSmall() {
        let size = Int(Map.largePageSize)
        memory.withMapping { mapping in
            mapping.keepPagesSmall(offset: 0, count: size)
            mapping.keepPagesSmall(offset: Int(memory.count) - size, count: size)
        }
    }

    /// Keeps the guest, and hypercalls on its behalf, from what is not theirs.
    func protect(_ segments: [Segment]) throws(TenderError) {
        memory.restrict(0, Map.bootInfo, isReadable: false, isWritable: false)
        memory.restrict(Map.bootInfo, Map.imageBase, isReadable: true, isWritable: false)
        for segment in segments where !(segment.isReadable && segment.isWritable) {
            try wrapping({ .memory(count: segment.end - segment.start, $0) }) {
                () throws(Errno) in
                try memory.protect(
                    segment.start, segment.end, isReadable: segment.isReadable,
                    isWritable: segment.isWritable)
            }
        }
    }

    /// Puts the boot information, the manifest and the command line where the guest expects them.
    func placeInformation(
        manifest: ApplicationManifest, commandLine: [UInt8], kernelEnd: UInt64,
        counterFrequency: UInt64
    ) throws(TenderError) {
        let manifestBytes = manifest.encoded()
        let manifestAddress = Map.bootInfo + UInt64(MemoryLayout<hvt_boot_info>.size)
        let commandLineAddress = manifestAddress + UInt64(manifestBytes.count)
        // The fields of struct hvt_boot_info; neither features nor ring.
        var information: [UInt8] = []
        for word in [
            memory.count, kernelEnd, counterFrequency, commandLineAddress, manifestAddress, 0, 0,
        ] {
            information.append(littleEndian: word)
        }
        try place(information + manifestBytes + commandLine, at: Map.bootInfo)
    }

    /// Puts the GDT where `state` says it is (Intel SDM volume 3, 3.4.5).
    func placeDescriptorTable() throws(TenderError) {
        var table: [UInt8] = []
        for descriptor: UInt64 in [0, 0x00AF_9900_0000_FFFF, 0x00CF_9300_0000_FFFF] {
            table.append(littleEndian: descriptor)
        }
        try place(table, at: Map.gdt)
    }

    /// Has exceptions for which the guest has no handler explained.
    ///
    /// Processors read descriptors by virtual addresses when an exception comes, so `state` gets
    /// another address of the same GDT.
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

    private func place(_ bytes: [UInt8], at address: UInt64) throws(TenderError) {
        try wrapping(TenderError.guest) { () throws(GuestFault) in
            try memory.place(bytes, at: address)
        }
    }

    /// 64-bit mode, ring 0, paging with write protection and no-execute.
    func state(entry: UInt64) -> BootState {
        let data = BootState.Segment(selector: 0x10, type: 3, long: false)
        return BootState(
            entry: entry, stackPointer: memory.count - 8, arguments: (Map.bootInfo, 0),
            // PG, WP, NE, PE.
            cr0: 0x8001_0021,
            cr3: Map.pml4,
            // OSXMMEXCPT, OSFXSR, PAE.
            cr4: 0x620,
            // NXE, LMA, LME.
            efer: 0xD00,
            gdtBase: Map.gdt, gdtLimit: 23,
            code: BootState.Segment(selector: 0x08, type: 9, long: true), data: data,
            threadLocal: data)
    }
}
