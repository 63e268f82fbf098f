import Tender

extension HermitImage {
    /// What there is to say about the image without running it.
    var description: GuestDescription {
        let kernel = notes.kernel.map { "Hermit \($0)" } ?? "Hermit, older than 0.10.0"
        return GuestDescription(
            facts: [
                ("kind", "Hermit"),
                ("kernel", kernel),
                ("entry version", String(notes.entryVersion)),
                ("interface version", String(notes.interfaceVersion)),
                ("address", isRelocatable ? "any" : hexadecimal(linkedRange.lowerBound)),
                ("entry", hexadecimal(executable.entry)),
                ("size", "\(linkedRange.upperBound - linkedRange.lowerBound) bytes in memory"),
            ],
            objection: notes.objection)
    }
}
