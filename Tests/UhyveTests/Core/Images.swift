#if Uhyve
    import ABI
    import CLinux
    import Hypervisor
    import Linux
    import TestSupport

    @testable import HermitImage
    @testable import Tender
    @testable import Uhyve

    typealias Part = ELFBuilder.Part

    let mebibyte: UInt64 = 1 << 20
    let gigabyte: UInt64 = 1 << 30

    /// The notes of an image.
    struct Notes {
        var entry: [UInt8]? = [4]
        var interface: [UInt8]?
        /// Operating system and version.
        var tag: [UInt32]?
        var alignment: UInt64 = 4
        /// In one PT_NOTE, or in one each.
        var isTogether = true

        static let v1Legacy = Notes()
        static let v1 = Notes(interface: [0, 0, 0, 1], tag: [6, 0, 12, 1])
        static let v2 = Notes(interface: [0, 0, 0, 2], tag: [6, 0, 13, 3])
        static let v3 = Notes(interface: [0, 0, 0, 3], tag: [6, 0, 14, 0])

        var parts: [Part] {
            var notes: [[UInt8]] = []
            if let entry { notes.append(note("HERMIT", 0x5A00, entry)) }
            if let interface { notes.append(note("UHYVEIF", 0x5B00, interface)) }
            if let tag { notes.append(note("GNU", 1, tag.flatMap(littleEndian))) }
            if isTogether { notes = notes.isEmpty ? [] : [notes.flatMap { $0 }] }
            return notes.map {
                Part(type: 4, flags: Part.read, alignment: alignment, $0)
            }
        }

        func note(_ name: String, _ type: UInt32, _ content: [UInt8]) -> [UInt8] {
            let name = Array(name.utf8) + [0]
            let header =
                littleEndian(UInt32(name.count)) + littleEndian(UInt32(content.count))
                + littleEndian(type)
            return padded(padded(header + name) + content)
        }

        private func padded(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            while bytes.count % Int(alignment) != 0 { bytes.append(0) }
            return bytes
        }
    }

    extension ELFBuilder {
        /// A Hermit guest without defects. Its two segments begin `address` and 0x2000 beyond it,
        /// and take up 0x3000 bytes.
        static func hermit(
            _ notes: Notes = .v1, fixedAt address: UInt64? = nil, _ more: [Part] = []
        ) -> ELFBuilder {
            let start = address ?? 0
            var elf = ELFBuilder(
                [
                    .segment(Part.read | Part.execute, at: start, Array("text".utf8)),
                    .segment(
                        Part.read | Part.write, at: start + 0x2000, memorySize: 0x1000,
                        [UInt8](repeating: 0, count: 0x800)),
                ] + notes.parts + more)
            elf.header.type = address == nil ? 3 : 2
            elf.header.osABI = 0xFF
            elf.header.entry = start
            return elf
        }

        func open() throws -> HermitImage {
            let directory = try TemporaryDirectory()
            return try HermitImage(ImageFile(path: try write(to: directory)))
        }

        /// What opening it complains about; nil if nothing.
        func problem() throws -> ImageError.Problem? {
            do {
                _ = try open()
                return nil
            } catch {
                guard let error = error as? ImageError else { throw error }
                return error.problem
            }
        }
    }

    extension HermitLayout {
        /// Where `notes` puts a guest of two pages, with 64 MiB of memory.
        static func of(
            _ notes: Notes = .v1, fixedAt address: UInt64? = nil, memory: UInt64 = 64 * mebibyte,
            random: UInt64? = nil
        ) throws -> HermitLayout {
            try HermitLayout(
                try ELFBuilder.hermit(notes, fixedAt: address).open(), memorySize: memory,
                random: random)
        }
    }

    /// The bytes at an address, which need not be what a guest may touch.
    func bytes(_ memory: GuestMemory, _ address: UInt64, _ count: Int) throws -> [UInt8] {
        memory.bytes(in: try memory.tenderRange(at: address, count: count))
    }
#endif
