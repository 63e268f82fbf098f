// What a Solo5 guest is made of (abi/notes.h), as parts of an image.
extension ELFBuilder.Part {
    /// p_flags.
    public static let execute: UInt32 = 1
    public static let write: UInt32 = 2
    public static let read: UInt32 = 4

    /// A PT_LOAD.
    public static func segment(
        _ flags: UInt32, at address: UInt64, memorySize: UInt64? = nil, alignment: UInt64 = 4096,
        _ bytes: [UInt8]
    ) -> Self {
        Self(
            type: 1, flags: flags, address: address, memorySize: memorySize, alignment: alignment,
            bytes)
    }

    /// A PT_NOTE.
    ///
    /// - Parameters:
    ///   - nameSize, descriptionSize: what the note claims; nil stands for what fits.
    ///   - padding: bytes between the name and the description, counted as part of the latter.
    public static func note(
        name: String = "Solo5", nameSize: UInt32? = nil, type: UInt32,
        descriptionSize: UInt32? = nil, padding: Int = 0, _ content: [UInt8]
    ) -> Self {
        var nameBytes = Array(name.utf8) + [0]
        let size = UInt32(nameBytes.count)
        while nameBytes.count % 4 != 0 { nameBytes.append(0) }
        let description = [UInt8](repeating: 0, count: padding) + content
        return Self(
            type: 4, flags: read, alignment: 8,
            littleEndian(nameSize ?? size)
                + littleEndian(descriptionSize ?? UInt32(description.count)) + littleEndian(type)
                + nameBytes + description)
    }

    /// The ABI note; target 1 is hvt.
    public static func abiNote(target: UInt32 = 1, version: UInt32 = 2) -> Self {
        let words = [target, version, 0, 0]
        return note(type: 0x3149_4241, words.flatMap(littleEndian))
    }

    public static func manifestNote(_ content: [UInt8] = manifest()) -> Self {
        note(type: 0x3154_464D, padding: 4, content)
    }

    /// A `struct manifest` with the reserved entry and these.
    public static func manifest(_ devices: [[UInt8]] = [], version: UInt32 = 1) -> [UInt8] {
        let entries = [manifestEntry("", type: 0x4000_0000)] + devices
        return littleEndian(version) + littleEndian(UInt32(entries.count)) + entries.flatMap { $0 }
    }

    /// A `struct manifest_entry`.
    ///
    /// - Parameter facts: the two words that hold a device's facts.
    public static func manifestEntry(
        _ name: String, type: UInt32, facts: (UInt64, UInt64) = (0, 0)
    ) -> [UInt8] {
        let name = Array(name.utf8)
        return name + [UInt8](repeating: 0, count: 68 - name.count) + littleEndian(type)
            + littleEndian(facts.0) + littleEndian(facts.1)
            // What is the tender's own; whether it is attached, and padding.
            + littleEndian(UInt64(0)) + littleEndian(UInt64(0))
    }
}

extension ELFBuilder {
    /// Where the parts of `guest` are.
    public enum GuestPart {
        public static let text = 0
        public static let readOnlyData = 1
        public static let empty = 2
        public static let data = 3
        public static let zeros = 4
        public static let otherNote = 5
        public static let abiNote = 6
        public static let manifestNote = 7
    }

    /// A guest without defects, laid out as Solo5's linker scripts do it.
    ///
    /// - Parameter devices: encoded entries of its manifest.
    public static func guest(
        text: [UInt8] = [0xF4], version: UInt32 = 2, devices: [[UInt8]] = []
    ) -> ELFBuilder {
        ELFBuilder([
            .segment(Part.execute, at: 0x10_0000, text),
            .segment(Part.read, at: 0x10_1000, Array("read-only".utf8)),
            // The linker makes this of an empty section.
            .segment(Part.read, at: 0, []),
            .segment(Part.read | Part.write, at: 0x10_2000, memorySize: 0x1800, Array("data".utf8)),
            .segment(Part.read | Part.write, at: 0x10_4000, memorySize: 0x1_2345, []),
            .note(name: "OpenBSD", type: 1, [0, 0, 0, 0]),
            .abiNote(version: version),
            .manifestNote(Part.manifest(devices)),
        ])
    }
}
