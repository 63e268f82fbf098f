import ABI
import Tender

/// The devices of a Solo5 guest as its note has them, and as the guest reads them (abi/notes.h).
extension ApplicationManifest {
    init(decoding bytes: [UInt8]) throws(ManifestError) {
        let reader = ByteReader(bytes: bytes)
        guard let version = reader.load(UInt32.self, at: 0),
            let count = reader.load(UInt32.self, at: 4)
        else { throw .size }
        guard version == UInt32(MANIFEST_VERSION) else { throw .version(version) }
        guard count >= 1, count <= UInt32(MANIFEST_MAX_ENTRIES) else { throw .count(count) }
        let stride = MemoryLayout<manifest_entry>.size
        guard bytes.count == 8 + Int(count) * stride else { throw .size }
        var entries: [ManifestEntry] = []
        for index in 0..<Int(count) {
            entries.append(try Self.entry(reader, at: 8 + index * stride, index: index))
        }
        guard let first = entries.first, first.type == .reservedFirst, first.nameBytes.isEmpty
        else { throw .firstEntry }
        self.init(entries: entries)
    }

    private static func entry(
        _ reader: ByteReader, at offset: Int, index: Int
    ) throws(ManifestError) -> ManifestEntry {
        guard let name = reader.slice(at: offset, count: Int(MANIFEST_NAME_SIZE)),
            let type = reader.load(UInt32.self, at: offset + 68),
            let low = reader.load(UInt64.self, at: offset + 72),
            let high = reader.load(UInt64.self, at: offset + 80),
            let attached = reader.load(UInt8.self, at: offset + 96)
        else { throw .size }
        guard name.last == 0 else { throw .name(index: index) }
        guard attached == 0 else { throw .attached(index: index) }
        return ManifestEntry(
            nameBytes: Array(name.prefix { $0 != 0 }), type: DeviceType(number: type),
            facts: (low, high))
    }

    /// As the guest reads it.
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + entries.count * MemoryLayout<manifest_entry>.size)
        append(UInt32(MANIFEST_VERSION), to: &bytes)
        append(UInt32(entries.count), to: &bytes)
        for entry in entries { entry.encode(into: &bytes) }
        return bytes
    }
}

extension ManifestEntry {
    /// As abi/notes.h has it. What is the tender's own stays 0.
    fileprivate func encode(into bytes: inout [UInt8]) {
        bytes += nameBytes
        bytes += [UInt8](repeating: 0, count: Int(MANIFEST_NAME_SIZE) - nameBytes.count)
        append(type.number, to: &bytes)
        append(facts.0, to: &bytes)
        append(facts.1, to: &bytes)
        append(UInt64(0), to: &bytes)
        append(UInt64(isAttached ? 1 : 0), to: &bytes)
    }
}

/// What is wrong with a manifest note.
enum ManifestError: Error, Equatable, CustomStringConvertible {
    case size
    case version(UInt32)
    case count(UInt32)
    case name(index: Int)
    case attached(index: Int)
    case firstEntry

    var description: String {
        switch self {
        case .size: "its size does not fit its number of entries"
        case .version(let version): "version \(version), not \(MANIFEST_VERSION)"
        case .count(let count): "\(count) entries, not 1 to \(MANIFEST_MAX_ENTRIES)"
        case .name(let index): "the name of entry \(index) has no end"
        case .attached(let index): "entry \(index) claims to be attached already"
        case .firstEntry: "its first entry is not the reserved one"
        }
    }
}
