import ABI
import Bytes
import Tender

/// The ELF notes that mark a file as a Hermit guest. Part of all builds, so that one without module
/// uhyve can name the module that is missing; the module itself checks more.
public struct HermitMark {
    /// Whether the kernel is older than 0.10.0, the first version with an ABI tag note; later
    /// kernels also have a note with uhyve's interface version.
    public let isBefore0_10: Bool
    private let machine: ELF.Machine

    /// The limit for all notes of a guest together, in bytes.
    private static let mostNotes: UInt64 = 1 << 16
    /// The first bytes of gzip'd data: the magic number and the method "deflate" (RFC 1952, 2.3).
    private static let gzip: [UInt8] = [0x1F, 0x8B, 0x08]

    /// - Returns: nil if the file has no such mark.
    public init?(_ file: ImageFile) {
        do throws(ImageError) {
            let executable = try ELFExecutable(file, acceptsRelocatable: true)
            let notes = try Self.notes(of: executable, file)
            let entry = Self.note(
                HERMIT_NOTE_ENTRY_NAME, type: HERMIT_NOTE_ENTRY_TYPE, descriptionSize: 1)
            guard Self.contains(notes, entry) else { return nil }
            var tag = Self.note(
                HERMIT_NOTE_ABI_TAG_NAME, type: HERMIT_NOTE_ABI_TAG_TYPE, descriptionSize: 16)
            tag.append(littleEndian: UInt32(HERMIT_NOTE_ABI_TAG_HERMIT))
            let interface = Self.note(
                HERMIT_NOTE_INTERFACE_NAME, type: HERMIT_NOTE_INTERFACE_TYPE, descriptionSize: 4)
            machine = executable.machine
            isBefore0_10 = ![tag, interface].contains { Self.contains(notes, $0) }
        } catch {
            return nil
        }
    }

    /// What the file is if it has the mark.
    ///
    /// - Throws: if the file is gzip'd, which only module uhyve can decompress.
    static func recognise(_ file: ImageFile) throws(ImageError) -> RecognisedGuest? {
        guard !isCompressed(file) else {
            throw file.failure(
                .refused(
                    why:
                        "gzip'd data, not an executable; whether it is a Hermit image can't be "
                        + "told, for \(UhyveManifest.known.absence)"))
        }
        guard let machine = HermitMark(file)?.machine else { return nil }
        return RecognisedGuest(architecture: machine, objection: objection(to: machine))
    }

    /// The reason why Hermit guests for a processor don't run here, if so.
    package static func objection(to machine: ELF.Machine) -> String? {
        guard machine == .x86_64 else {
            return
                "a Hermit guest for another processor, \(machine): uhyve runs those on macOS only, "
                + "and pinnace those for x86_64"
        }
        return machine.isNative
            ? nil : "a Hermit guest for x86_64: those run on that processor only"
    }

    /// Whether the file is gzip'd, as Hermit images are. Telling a Hermit image from other gzip'd
    /// files takes decompression, which only module uhyve has.
    static func isCompressed(_ file: ImageFile) -> Bool {
        (try? file.read(at: 0, count: gzip.count, "the file")) == gzip
    }

    /// The content of all PT_NOTE segments.
    private static func notes(
        of executable: ELFExecutable, _ file: ImageFile
    ) throws(ImageError) -> [UInt8] {
        var notes: [UInt8] = []
        for header in executable.programHeaders
        where header.type == ELF.note && header.fileSize <= mostNotes - UInt64(notes.count) {
            notes += try file.read(at: header.offset, count: Int(header.fileSize), "a note")
            // Each note begins at a multiple of 4; `mostNotes` is one, so the padding fits.
            while notes.count % 4 != 0 { notes.append(0) }
        }
        return notes
    }

    /// An encoded note without its description: header and padded name.
    private static func note(_ name: String, type: Int32, descriptionSize: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(name.utf8.count + 1))
        bytes.append(littleEndian: descriptionSize)
        bytes.append(littleEndian: UInt32(type))
        bytes += name.utf8
        bytes.append(0)
        while bytes.count % 4 != 0 { bytes.append(0) }
        return bytes
    }

    private static func contains(_ notes: [UInt8], _ note: [UInt8]) -> Bool {
        stride(from: 0, to: notes.count, by: 4).contains { notes[$0...].starts(with: note) }
    }
}
