import HermitImage
import JSON
import Manifests
import Tender

extension HermitImage {
    /// Describes the image without running it, as `pinnace inspect` shows it.
    ///
    /// - Parameter container: the archive that holds the image; nil for a bare executable.
    func description(in container: HermitContainer? = nil) -> GuestDescription {
        let kernel = notes.kernel.map { "Hermit \($0)" } ?? "Hermit, older than 0.10.0"
        var facts: [(name: String, value: String)] = [
            ("kind", HermitKind.name),
            ("kernel", kernel),
            ("entry version", String(notes.entryVersion)),
            ("interface version", String(notes.interfaceVersion)),
            ("address", isRelocatable ? "any" : hexadecimal(linkedRange.lowerBound)),
            ("entry", hexadecimal(executable.entry)),
            ("size", "\(linkedRange.upperBound - linkedRange.lowerBound) bytes in memory"),
        ]
        if let container { facts.insert(contentsOf: container.facts, at: 1) }
        return GuestDescription(
            rows: facts,
            members: [
                ("facts", .object(facts.map { (key: $0.name, value: .string($0.value)) }))
            ],
            needs: [UhyveManifest.known], objection: notes.objection)
    }
}
