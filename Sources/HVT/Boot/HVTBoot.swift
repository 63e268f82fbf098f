import ABI
import Bytes
import Linux
import Tender

/// An hvt guest's initial state: memory, and vCPU registers (in the architecture's folder).
struct HVTBoot {
    private typealias Map = HVTMemoryMap

    let memory: GuestMemory
    /// The address of the network ring, at the end of memory; nil if there is none.
    var ring: GuestAddress?

    /// The size of the memory that the guest is told of, in bytes: without the ring's part.
    var size: UInt64 { ring?.value ?? memory.count }

    /// Keeps small pages (MADV_NOHUGEPAGE) where every guest touches only a few: the tender's pages
    /// at the bottom, and at the top the stack, with the ring past it. To be called before any of
    /// them is touched.
    ///
    /// - Parameter mayHaveRing: whether the guest may get a ring.
    static func keepPagesSmall(in memory: GuestMemory, mayHaveRing: Bool) {
        let (size, count) = (Int(Map.largePageSize), Int(memory.count))
        let top = min(count, mayHaveRing ? size + Int(HVT_RING_RESERVATION) : size)
        memory.withMapping { mapping in
            mapping.keepPagesSmall(offset: 0, count: size)
            mapping.keepPagesSmall(offset: count - top, count: top)
        }
    }

    /// Restricts the guest, and hypercalls on its behalf, to the guest's own memory.
    func protect(_ segments: [Segment]) throws(TenderError) {
        memory.restrict(0, Map.bootInfo, isReadable: false, isWritable: false)
        memory.restrict(Map.bootInfo, Map.imageBase, isReadable: true, isWritable: false)
        for segment in segments where !(segment.isReadable && segment.isWritable) {
            try wrapping({ TenderError.memory(count: segment.end - segment.start, $0) }) {
                () throws(Errno) in
                try memory.protect(
                    segment.start, segment.end, isReadable: segment.isReadable,
                    isWritable: segment.isWritable)
            }
        }
    }

    /// Writes the boot information (struct hvt_boot_info), the manifest and the command line.
    func placeInformation(
        manifest: ApplicationManifest, commandLine: [UInt8], kernelEnd: UInt64,
        counterFrequency: UInt64
    ) throws(TenderError) {
        let manifestBytes = manifest.encoded()
        let manifestAddress = Map.bootInfo + UInt64(MemoryLayout<hvt_boot_info>.size)
        let commandLineAddress = manifestAddress + UInt64(manifestBytes.count)
        // The fields of struct hvt_boot_info; host_features and guest_features are one word.
        let features = ring == nil ? 0 : UInt64(HVT_FEATURE_NET_RING)
        var information: [UInt8] = []
        for word in [
            size, kernelEnd, counterFrequency, commandLineAddress, manifestAddress, features,
            ring?.value ?? 0,
        ] {
            information.append(littleEndian: word)
        }
        try place(information + manifestBytes + commandLine, at: Map.bootInfo)
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
