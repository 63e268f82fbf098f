import TestSupport

@testable import HVT
@testable import Tender

/// The content of a manifest note.
final class ManifestTarget: InputTarget {
    static let name = "manifest"

    init() {}

    static var seeds: [[UInt8]] {
        typealias Part = ELFBuilder.Part
        let name = String(repeating: "n", count: 67)
        let many = (0..<63).map { Part.manifestEntry("device\($0)", type: 1 + UInt32($0 % 2)) }
        return [
            Part.manifest(), Part.manifest(many),
            Part.manifest([
                Part.manifestEntry("disk", type: 1, facts: (1 << 40, 512)),
                Part.manifestEntry("disk", type: 2, facts: (.max, .max)),
                Part.manifestEntry(name, type: 9),
            ]),
        ]
    }

    func run(_ input: [UInt8]) throws -> Verdict {
        guard let manifest = try? ApplicationManifest(decoding: input) else { return .refused }
        let encoded = manifest.encoded()
        try promise(
            (1...64).contains(manifest.entries.count)
                && encoded.count == 8 + 104 * manifest.entries.count,
            "\(manifest.entries.count) entries in \(encoded.count) bytes")
        let again = try? ApplicationManifest(decoding: encoded)
        try promise(again == manifest, "what the guest reads is not what it declared")
        for (index, entry) in manifest.entries.enumerated() {
            let own = encoded[(8 + index * 104 + 88)..<(8 + index * 104 + 104)]
            try promise(own.allSatisfy { $0 == 0 }, "entry \(index) has the tender's own")
            if entry.type.isDevice,
                let handle = manifest.handle(named: entry.name, type: entry.type)
            {
                try promise(
                    handle <= index && manifest[handle].type == entry.type,
                    "\(entry.name) is found at \(handle)")
            }
        }
        return .accepted
    }
}
