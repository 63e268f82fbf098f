import ABI
import Bytes
import Linux
import Tender

/// A loadable segment of an image.
public struct Segment: Equatable, Sendable {
    /// The pages that it occupies: multiples of 4096.
    public let start: UInt64
    public let end: UInt64
    /// The guest address, the offset and the number of the file's bytes.
    public let address: UInt64
    public let fileOffset: UInt64
    public let fileSize: UInt64
    public let isReadable: Bool
    public let isWritable: Bool
    public let isExecutable: Bool
}

/// A Solo5 hvt image, checked except for its fit into the guest's memory size.
public struct HVTImage {
    let file: ImageFile
    let executable: ELFExecutable
    public let abi: GuestABI
    /// The devices that it declares.
    public let manifest: ApplicationManifest

    /// - Throws: if the file is not a Solo5 guest, but not if it is for another target or version.
    public init(inspecting file: ImageFile) throws(ImageError) {
        self.file = file
        executable = try ELFExecutable(file)
        let notes = try Notes(executable, file)
        abi = notes.abi
        manifest = notes.manifest
    }

    /// - Throws: if the file is not a guest that this tender can run.
    public init(path: String) throws(ImageError) {
        try self.init(inspecting: ImageFile(path: path))
        if let objection { throw file.failure(objection) }
    }

    /// The reason why it can't run here, if any.
    var objection: ImageError.Problem? {
        abi.objection ?? executable.machine.objection.map { .notExecutable(why: $0) }
    }

    public var path: String { file.path }
    public var entry: UInt64 { executable.entry }

    /// The segments to load; throws if they exceed `memorySize` bytes of memory or break a rule.
    public func segments(memorySize: UInt64) throws(ImageError) -> [Segment] {
        let base = UInt64(HVT_GUEST_MIN_BASE)
        guard entry >= base, entry < memorySize else { throw file.failure(.entry(entry)) }
        var segments: [Segment] = []
        var layout = SegmentLayout(memorySize: memorySize)
        for (index, header) in executable.programHeaders.enumerated()
        where header.type == ELF.loadable {
            do throws(InputError) {
                if let segment = try layout.place(header) { segments.append(segment) }
            } catch {
                throw file.failure(.segment(index: index, why: error.description))
            }
        }
        return segments
    }

    /// Its symbol table, for which the file stays open.
    var symbols: SymbolTable? { SymbolTable(executable, file) }

    /// Closes the file; data already read stays valid.
    func close() {
        file.close()
    }

    /// Reads the segments into guest memory, which is still all zeros.
    func load(_ segments: [Segment], into memory: GuestMemory) throws(TenderError) {
        for segment in segments {
            let range = try wrapping(TenderError.guest) { () throws(GuestFault) in
                try memory.tenderRange(
                    at: segment.address, count: Int(clamping: segment.fileSize))
            }
            memory.expectFilling(of: range)
            try wrapping(TenderError.image) { () throws(ImageError) in
                try file.read(into: range, of: memory, at: segment.fileOffset, "a segment")
            }
        }
    }
}
