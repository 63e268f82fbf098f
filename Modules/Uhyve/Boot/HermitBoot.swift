import Bytes
import GuestArchive
import HermitImage
import Hypervisor
import Linux
import Tender

/// The initial state of a Hermit guest by its boot protocol: memory and vCPU registers.
struct HermitBoot {
    let memory: GuestMemory
    let layout: HermitLayout

    /// Writes image, archive, page tables, GDT, boot information and device tree to guest memory.
    func prepare(
        _ image: HermitImage, _ information: BootInformation, _ deviceTree: DeviceTree,
        archive: Archive? = nil
    ) throws(TenderError) {
        // Few pages below the image are ever touched.
        memory.withMapping { $0.keepPagesSmall(offset: 0, count: Int(HermitLayout.granularity)) }
        try image.load(into: memory, bias: layout.bias)
        if let archive, let range = layout.archive {
            try archive.place(in: memory, at: range.lowerBound)
        }
        if image.symbols(bias: 0) == nil { image.file.close() }
        try IdentityMap.build(layout, in: memory, coversGigabyte: image.notes.isBefore0_10)
        try placeDescriptorTable()
        try place(information.encoded, at: layout.bootInformation)
        guard image.notes.hasDeviceTree else { return }
        let tree = deviceTree.encoded
        guard tree.count <= HermitLayout.deviceTreeCapacity else {
            throw .failed(
                "\(information.cpuCount) vCPUs, arguments and environment take a device tree of "
                    + "\(tree.count) bytes, the maximum is \(HermitLayout.deviceTreeCapacity)")
        }
        try place(tree, at: layout.deviceTree)
    }

    func place(_ bytes: [UInt8], at address: UInt64) throws(TenderError) {
        try wrapping(TenderError.guest) { () throws(GuestFault) in
            try memory.place(bytes, at: address)
        }
    }

    func place(words: [UInt64], at address: UInt64) throws(TenderError) {
        try wrapping(TenderError.guest) { () throws(GuestFault) in
            try memory.place(words: words, at: address)
        }
    }
}
