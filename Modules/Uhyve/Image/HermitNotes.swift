import ABI
import Bytes
import Tender

/// The ELF notes of a Hermit guest (abi/hermit.h).
package struct HermitNotes: Equatable, Sendable {
    /// The entry version: the layout of the boot information.
    package let entryVersion: UInt8
    /// The version of uhyve's interface; 1 without a note.
    package let interfaceVersion: UInt32
    /// The version of the kernel; nil for kernels before 0.10.0, which have no note with it.
    package let kernel: KernelVersion?

    package struct KernelVersion: Equatable, Sendable, CustomStringConvertible {
        let major: UInt32
        let minor: UInt32
        let patch: UInt32

        package var description: String { "\(major).\(minor).\(patch)" }
    }

    /// Whether the executable has the entry note of a Hermit guest.
    static func areIn(_ executable: ELFExecutable, _ file: ImageFile) throws(ImageError) -> Bool {
        try Note.all(in: executable, file, until: { $0.isEntry }).last?.isEntry ?? false
    }

    /// - Returns: nil if the executable is not a Hermit guest.
    init?(_ executable: ELFExecutable, _ file: ImageFile) throws(ImageError) {
        let notes = try Note.all(in: executable, file)
        guard
            let version = notes.first(HERMIT_NOTE_ENTRY_NAME, HERMIT_NOTE_ENTRY_TYPE)?.first
        else { return nil }
        entryVersion = version

        let interface = notes.first(HERMIT_NOTE_INTERFACE_NAME, HERMIT_NOTE_INTERFACE_TYPE)
        if let interface {
            guard interface.count == 4 else {
                throw file.failure(.noteSize(note: "uhyve interface"))
            }
            interfaceVersion = interface.reduce(0) { $0 << 8 | UInt32($1) }
        } else {
            interfaceVersion = UInt32(UHYVE_INTERFACE_1)
        }
        kernel = notes.first(HERMIT_NOTE_ABI_TAG_NAME, HERMIT_NOTE_ABI_TAG_TYPE)
            .flatMap(KernelVersion.init)
    }

    /// The reason that the guest can't run here; nil if its versions are supported.
    package var objection: String? {
        if !(2...4).contains(entryVersion) {
            return "Hermit entry version \(entryVersion) is not supported: pinnace knows 2, 3 and 4"
                + (entryVersion < 2 ? "; build the guest with Hermit 0.5.0 or newer" : "")
        }
        if !(1...3).contains(interfaceVersion) {
            return "uhyve interface version \(interfaceVersion) is not supported: "
                + "pinnace knows 1, 2 and 3"
        }
        return nil
    }

    /// Whether the kernel is older than 0.10.0: it expects memory past its image to be mapped, gets
    /// its arguments by hypercall, and omits the mount point from paths.
    package var isBefore0_10: Bool {
        guard let kernel else { return true }
        return kernel.major == 0 && kernel.minor < 10
    }
}

extension HermitNotes.KernelVersion {
    /// - Returns: nil if the ABI tag is for another operating system.
    init?(tag: [UInt8]) {
        guard tag.load(UInt32.self, at: 0) == UInt32(HERMIT_NOTE_ABI_TAG_HERMIT),
            let major = tag.load(UInt32.self, at: 4),
            let minor = tag.load(UInt32.self, at: 8),
            let patch = tag.load(UInt32.self, at: 12)
        else { return nil }
        self.init(major: major, minor: minor, patch: patch)
    }
}

/// A note of an ELF file, of any vendor.
private struct Note {
    let name: [UInt8]
    let type: UInt32
    let description: [UInt8]

    /// The limit for all notes together, in bytes. Many program headers can refer to the same
    /// bytes, so a small file could otherwise have an unlimited number of notes.
    private static let mostBytes: UInt64 = 1 << 20
    /// The size of namesz, descsz and type, in bytes.
    private static let headerSize = 12

    /// All notes of all PT_NOTE segments. A note that runs past the end of its segment ends the
    /// segment's list without an error, since it may be another vendor's.
    ///
    /// - Parameter isLast: whether to stop after this note.
    static func all(
        in executable: ELFExecutable, _ file: ImageFile,
        until isLast: (Note) -> Bool = { _ in false }
    ) throws(ImageError) -> [Note] {
        var notes: [Note] = []
        var room = mostBytes
        for header in executable.programHeaders where header.type == ELF.note {
            guard header.fileSize <= room else {
                throw file.failure(
                    .refused(why: "its notes (PT_NOTE) take up more than \(mostBytes) bytes"))
            }
            room -= header.fileSize
            let reader = try file.read(
                at: header.offset, count: Int(header.fileSize), "a note")
            // Any alignment other than 8 means 4 (gABI, chapter 5).
            let alignment = header.alignment == 8 ? 8 : 4
            var position = 0
            while let (note, end) = parse(reader, at: position, alignment) {
                notes.append(note)
                if isLast(note) { return notes }
                position = end
            }
        }
        return notes
    }

    /// Whether this is the entry note, which marks a Hermit guest.
    var isEntry: Bool { matches(HERMIT_NOTE_ENTRY_NAME, HERMIT_NOTE_ENTRY_TYPE) }

    func matches(_ name: String, _ type: Int32) -> Bool {
        self.type == UInt32(type) && self.name == Array(name.utf8) + [0]
    }

    private static func parse(
        _ reader: [UInt8], at position: Int, _ alignment: Int
    ) -> (Note, end: Int)? {
        // Sizes have 32 bits and positions are small, so no sum overflows.
        guard let nameSize = reader.load(UInt32.self, at: position),
            let descriptionSize = reader.load(UInt32.self, at: position + 4),
            let type = reader.load(UInt32.self, at: position + 8),
            let name = reader.slice(at: position + headerSize, count: Int(nameSize))
        else { return nil }
        func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
        let start = aligned(position + headerSize + Int(nameSize))
        guard let description = reader.slice(at: start, count: Int(descriptionSize)) else {
            return nil
        }
        let note = Note(name: name, type: type, description: description)
        return (note, aligned(start + Int(descriptionSize)))
    }
}

extension [Note] {
    /// The description of the first note with this name and type.
    fileprivate func first(_ name: String, _ type: Int32) -> [UInt8]? {
        first { $0.matches(name, type) }?.description
    }
}
