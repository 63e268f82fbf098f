import GuestArchive
import HermitImage
import JSON
import Manifests
import Tender

extension HermitImage {
    /// Describes the image without running it, as `pinnace inspect` shows it.
    ///
    /// - Parameter container: the archive that holds the image; nil for a bare executable.
    func description(in container: HermitContainer? = nil) -> GuestDescription {
        var report = Report()
        report.show("kind", [HermitKind.name])
        if let container {
            let (archive, kernel) = (container.archive, container.configuration.kernel)
            report.add(
                "archive",
                .object([
                    ("files", .number(UInt64(archive.members.count))), ("kernel", .string(kernel)),
                ]), as: "archive", ["\(archive.members.count) files, kernel \(kernel)"])
        }
        let machine = executable.machine
        report.add(
            "architecture", .string(machine.description), as: "architecture",
            [machine.description])
        report.add(
            "kernel", notes.kernel.map { .string("\($0)") } ?? .null, as: "kernel",
            [notes.kernel.map { "Hermit \($0)" } ?? "Hermit, older than 0.10.0"])
        report.add(
            "entryVersion", .number(UInt64(notes.entryVersion)), as: "entry version",
            [String(notes.entryVersion)])
        report.add(
            "interfaceVersion", .number(UInt64(notes.interfaceVersion)), as: "interface version",
            [String(notes.interfaceVersion)])
        let address = isRelocatable ? nil : linkedRange.lowerBound
        report.add(
            "address", address.map { .number($0) } ?? .null, as: "address",
            [address.map { hexadecimal($0) } ?? "any"])
        report.add(
            "entry", .number(executable.entry), as: "entry", [hexadecimal(executable.entry)])
        let size = linkedRange.upperBound - linkedRange.lowerBound
        report.add("size", .number(size), as: "size", ["\(size) bytes in memory"])
        let objection = notes.objection ?? HermitMark.objection(to: machine)
        return GuestDescription(report, needs: [UhyveManifest.known], objection: objection)
    }
}
