import Tender

/// What there is to say about an image.
struct GuestReport {
    let image: HVTImage
    private(set) var segments: [Segment] = []
    private(set) var needs: GuestNeeds?
    /// Why the image can't run anywhere, if it can't.
    private(set) var objection: String?
    let modules: [RegisteredModule]

    init(_ image: HVTImage, _ modules: [RegisteredModule]) {
        self.image = image
        self.modules = modules
        do throws(ImageError) {
            segments = try image.runnableSegments()
            needs = try GuestNeeds(image, segments)
        } catch {
            objection = error.description
        }
    }

    var text: String {
        var rows: [(String, String)] = [
            ("abi", "\(image.abi.targetName), version \(image.abi.version)"),
            ("entry", hexadecimal(image.entry)),
        ]
        rows += Self.titled("devices", image.manifest.devices.map(line))
        rows += Self.titled("segments", segments.map(line))
        if let needs {
            rows += Self.titled("modules", needs.modules.map(line))
            if !needs.isCertain {
                rows.append(("", "(its code does not tell which of the basic ones it uses)"))
            }
        }
        if let objection { rows.append(("cannot run", objection)) }
        return "\(image.path)\n\(columns(rows))"
    }

    private static func titled(_ title: String, _ lines: [String]) -> [(String, String)] {
        guard let first = lines.first else { return [(title, "none")] }
        return [(title, first)] + lines.dropFirst().map { ("", $0) }
    }

    private func line(_ device: ManifestEntry) -> String {
        "\(quoted(device.name)) \(device.type)"
    }

    private func line(_ segment: Segment) -> String {
        let permissions =
            (segment.isReadable ? "r" : "-") + (segment.isWritable ? "w" : "-")
            + (segment.isExecutable ? "x" : "-")
        return "\(hexadecimal(segment.start))-\(hexadecimal(segment.end)) \(permissions), "
            + "\(segment.end - segment.start) bytes, \(segment.fileSize) of them in the file"
    }

    private func line(_ module: KnownModule) -> String {
        module.isBuiltIn(modules)
            ? module.name : "\(module.name), not in this pinnace (trait \(module.trait))"
    }
}
