import ABI
import Bytes
import Tender

/// The two ELF notes that make an executable a Solo5 guest (abi/notes.h).
struct Notes {
    let abi: GuestABI
    let manifest: ApplicationManifest

    init(_ executable: ELFExecutable, _ file: ImageFile) throws(ImageError) {
        abi = try GuestABI(executable, file)
        manifest = try ApplicationManifest(executable, file)
    }
}

extension GuestABI {
    /// Reads the ABI note of an image, which may be for any target.
    public init(of file: ImageFile) throws(ImageError) {
        try self.init(ELFExecutable(file, acceptsRelocatable: true), file)
    }

    fileprivate init(_ executable: ELFExecutable, _ file: ImageFile) throws(ImageError) {
        guard let note = try NoteKind.abi.find(in: executable, file) else {
            throw file.failure(.noABINote)
        }
        guard let target = note.load(UInt32.self, at: 0),
            let version = note.load(UInt32.self, at: 4)
        else { throw file.failure(.noteSize(note: NoteKind.abi.name)) }
        self.init(target: target, version: version)
    }
}

extension ApplicationManifest {
    /// Reads the manifest note of an image, which may be for any target.
    public init(of file: ImageFile) throws(ImageError) {
        try self.init(ELFExecutable(file, acceptsRelocatable: true), file)
    }

    fileprivate init(_ executable: ELFExecutable, _ file: ImageFile) throws(ImageError) {
        guard let content = try NoteKind.manifest.find(in: executable, file) else {
            throw file.failure(.noManifestNote)
        }
        do throws(InputError) {
            try self.init(decoding: content)
        } catch {
            throw file.failure(.manifest(why: error.description))
        }
    }
}

/// The ABI note: the target that a guest was built for.
public struct GuestABI: Equatable, Sendable {
    public let target: UInt32
    public let version: UInt32

    /// The target's name, as in Solo5's tools, or its number.
    public var targetName: String { knownTargetName ?? "unknown (\(target))" }

    /// The target's name, as in Solo5's tools; nil for a target that they don't know.
    public var knownTargetName: String? {
        switch Int32(bitPattern: target) {
        case ABI_TARGET_HVT: "hvt"
        case ABI_TARGET_SPT: "spt"
        case ABI_TARGET_VIRTIO: "virtio"
        case ABI_TARGET_MUEN: "muen"
        case ABI_TARGET_GENODE: "genode"
        case ABI_TARGET_XEN: "xen"
        default: nil
        }
    }

    /// The reason why such a guest can't run here, if any.
    var objection: ImageError.Problem? {
        if target != UInt32(ABI_TARGET_HVT) { return .target(name: targetName) }
        if version != UInt32(HVT_ABI_VERSION_1), version != UInt32(HVT_ABI_VERSION_2) {
            return .abiVersion(version)
        }
        return nil
    }
}

/// A kind of note: how to find it, and its limits.
private struct NoteKind {
    let name: String
    let type: UInt32
    /// The content begins at a multiple of this, counted from the start of the note.
    let alignment: Int
    let largestDescription: UInt32

    static let abi = NoteKind(
        name: "ABI1", type: UInt32(NOTE_TYPE_ABI), alignment: Int(NOTE_ABI_ALIGNMENT),
        largestDescription: UInt32(NOTE_ABI_MAX_DESC))
    static let manifest = NoteKind(
        name: "MFT1", type: UInt32(NOTE_TYPE_MANIFEST), alignment: Int(NOTE_MANIFEST_ALIGNMENT),
        largestDescription: UInt32(NOTE_MANIFEST_MAX_DESC))

    /// The content of the first note of this kind, or nil.
    ///
    /// Each PT_NOTE segment counts as one note, as Solo5's linker scripts make them.
    func find(in executable: ELFExecutable, _ file: ImageFile) throws(ImageError) -> [UInt8]? {
        let headerSize = MemoryLayout<note_header>.size
        // The three sizes and the type, before the name.
        let fixedSize = 12
        for header in executable.programHeaders where header.type == ELF.note {
            guard header.fileSize >= UInt64(fixedSize) else {
                throw file.failure(.notExecutable(why: "a note segment is too small for a note"))
            }
            guard header.fileSize >= UInt64(headerSize) else { continue }
            let start = try file.read(at: header.offset, count: headerSize, "a note")
            guard start.load(UInt32.self, at: 0) == UInt32(NOTE_NAME_SIZE),
                start.load(UInt32.self, at: 8) == type,
                start.slice(at: fixedSize, count: Int(NOTE_NAME_SIZE)) == Array("Solo5\0".utf8),
                let size = start.load(UInt32.self, at: 4)
            else { continue }
            let padding = (alignment - headerSize % alignment) % alignment
            guard size > padding, size <= largestDescription,
                header.fileSize >= UInt64(headerSize) + UInt64(size),
                let content = header.offset.addingIfPossible(UInt64(headerSize + padding))
            else { throw file.failure(.noteSize(note: name)) }
            return try file.read(at: content, count: Int(size) - padding, "the \(name) note")
        }
        return nil
    }
}
