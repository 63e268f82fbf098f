import ABI
import Bytes
import Tender

/// Encoding of the application manifest in the ELF note and in guest memory (abi/notes.h).
extension ApplicationManifest {
    init(decoding bytes: [UInt8]) throws(InputError) {
        guard let version = bytes.load(UInt32.self, at: 0),
            let count = bytes.load(UInt32.self, at: 4)
        else { throw Self.wrongSize }
        guard version == UInt32(MANIFEST_VERSION) else {
            throw InputError("version \(version), not \(MANIFEST_VERSION)")
        }
        guard count >= 1, count <= UInt32(MANIFEST_MAX_ENTRIES) else {
            throw InputError("\(count) entries, not 1 to \(MANIFEST_MAX_ENTRIES)")
        }
        let stride = MemoryLayout<manifest_entry>.size
        guard bytes.count == 8 + Int(count) * stride else { throw Self.wrongSize }
        var entries: [ManifestEntry] = []
        for index in 0..<Int(count) {
            entries.append(try Self.entry(bytes, at: 8 + index * stride, index: index))
        }
        guard let first = entries.first, first.type == .reservedFirst, first.nameBytes.isEmpty
        else { throw InputError("its first entry is not the reserved one") }
        self.init(entries: entries)
    }

    private static var wrongSize: InputError {
        InputError("its size does not fit its number of entries")
    }

    private static func entry(
        _ bytes: [UInt8], at offset: Int, index: Int
    ) throws(InputError) -> ManifestEntry {
        guard let name = bytes.slice(at: offset, count: Int(MANIFEST_NAME_SIZE)),
            let type = bytes.load(UInt32.self, at: offset + 68),
            let low = bytes.load(UInt64.self, at: offset + 72),
            let high = bytes.load(UInt64.self, at: offset + 80),
            let attached = bytes.load(UInt8.self, at: offset + 96)
        else { throw Self.wrongSize }
        guard name.last == 0 else {
            throw InputError("the name of entry \(index) has no end")
        }
        guard attached == 0 else {
            throw InputError("entry \(index) claims to be attached already")
        }
        return ManifestEntry(
            nameBytes: Array(name.prefix { $0 != 0 }), type: DeviceType(number: type),
            facts: (low, high))
    }

    /// The manifest as the guest reads it.
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + entries.count * MemoryLayout<manifest_entry>.size)
        bytes.append(littleEndian: UInt32(MANIFEST_VERSION))
        bytes.append(littleEndian: UInt32(entries.count))
        for entry in entries { entry.encode(into: &bytes) }
        return bytes
    }
}

extension ManifestEntry {
    /// The entry as in abi/notes.h. The tender's own fields stay 0.
    fileprivate func encode(into bytes: inout [UInt8]) {
        bytes += nameBytes
        bytes += [UInt8](repeating: 0, count: Int(MANIFEST_NAME_SIZE) - nameBytes.count)
        bytes.append(littleEndian: type.number)
        bytes.append(littleEndian: facts.0)
        bytes.append(littleEndian: facts.1)
        bytes.append(littleEndian: UInt64(0))
        bytes.append(littleEndian: UInt64(isAttached ? 1 : 0))
    }
}
