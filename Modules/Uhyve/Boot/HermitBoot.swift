import Bytes
import Hypervisor
import Linux
import Tender

/// The state in which a Hermit guest starts: its memory, and the registers of its vCPUs (spec 3).
struct HermitBoot {
    let memory: GuestMemory
    let layout: HermitLayout

    /// Puts the image and all that the guest needs to start into memory.
    func prepare(
        _ image: HermitImage, _ information: BootInformation, _ deviceTree: DeviceTree,
        archive: Archive? = nil
    ) throws(TenderError) {
        // Little of what lies below the image is ever touched.
        memory.withMapping { $0.keepPagesSmall(offset: 0, count: Int(HermitLayout.granularity)) }
        try image.load(into: memory, bias: layout.bias)
        if let archive, let place = layout.archive {
            try archive.place(in: memory, at: place.lowerBound)
        }
        if image.symbols(bias: 0) == nil { image.file.close() }
        try IdentityMap.build(layout, in: memory, coversGigabyte: image.notes.isBefore0_10)
        var descriptors: [UInt8] = []
        // Nothing; 64-bit code; data (Intel SDM volume 3, 3.4.5).
        for descriptor: UInt64 in [0, 0x00AF_9B00_0000_FFFF, 0x00CF_9300_0000_FFFF] {
            descriptors.append(littleEndian: descriptor)
        }
        try place(descriptors, at: layout.gdt)
        try place(information.encoded, at: layout.bootInformation)
        guard image.notes.hasDeviceTree else { return }
        let tree = deviceTree.encoded
        guard tree.count <= HermitLayout.deviceTreeCapacity else {
            throw .failed(
                "guest arguments and environment are too long: a device tree of \(tree.count) "
                    + "bytes, the maximum is \(HermitLayout.deviceTreeCapacity)")
        }
        try place(tree, at: layout.deviceTree)
    }

    /// Has exceptions explained that come before the guest's kernel has an interrupt table of its own.
    ///
    /// - Parameter states: of all vCPUs, in order.
    func placeExceptionTable(_ states: inout [BootState]) throws(TenderError) {
        let table = layout.exceptions
        try place(table.encoded, at: table.address)
        for index in states.indices.prefix(HermitLayout.taskCapacity) {
            let task = layout.task(cpu: index)
            try place(ExceptionTable.encodedTask(at: task), at: task)
            table.enter(&states[index], task: task)
        }
    }

    private func place(_ bytes: [UInt8], at address: UInt64) throws(TenderError) {
        try wrapping(TenderError.guest) { () throws(GuestFault) in
            try memory.place(bytes, at: address)
        }
    }

    /// All vCPUs enter at once; the guest's kernel lets one through after the other.
    ///
    /// - Parameter entry: of the image, as linked.
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
            // As after a reset: there is no table.
            idtLimit: 0xFFFF,
            code: BootState.Segment(selector: 0x08, type: 11, long: true),
            data: BootState.Segment(selector: 0x10, type: 3, long: false),
            // As after a reset.
            threadLocal: BootState.Segment(selector: 0, type: 3, long: false))
    }
}
