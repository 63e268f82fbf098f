import JSON
import Tender

/// The description of a Solo5 image, for `inspect`.
struct HVTDescription {
    private let image: HVTImage
    private var segments: [Segment] = []
    private var needs: GuestNeeds?
    /// The reason why the image can't run here, if any.
    private var objection: String?

    init(_ image: HVTImage, _ known: [KnownModule]) {
        self.image = image
        do throws(ImageError) {
            segments = try image.runnableSegments()
            needs = try GuestNeeds(image, segments, known)
            if let reason = image.objection.map({ image.file.failure($0).reason }) {
                objection = reason
            }
        } catch {
            objection = error.reason
        }
    }

    var description: GuestDescription {
        var report = Report()
        report.add("abi", abi, as: "abi", ["\(image.abi.targetName), version \(image.abi.version)"])
        let machine = image.executable.machine.description
        report.add("architecture", .string(machine), as: "architecture", [machine])
        report.add("entry", .number(image.entry), as: "entry", [hexadecimal(image.entry)])
        report.add(
            "manifest", manifest, as: "devices",
            Self.orNone(image.manifest.devices.map(Self.line)))
        report.add(
            "segments", .array(segments.map(Self.json)), as: "segments",
            Self.orNone(segments.map(Self.line)))
        return GuestDescription(
            report, documents: [("manifest", manifest), ("abi", abi)],
            needs: needs?.modules ?? [], needsAreCertain: needs?.isCertain ?? false,
            objection: objection)
    }

    private static func orNone(_ lines: [String]) -> [String] { lines.isEmpty ? ["none"] : lines }

    private static func line(_ device: ManifestEntry) -> String {
        "\(quoted(device.name)) \(device.type)"
    }

    private static func line(_ segment: Segment) -> String {
        let permissions =
            (segment.isReadable ? "r" : "-") + (segment.isWritable ? "w" : "-")
            + (segment.isExecutable ? "x" : "-")
        return "\(hexadecimal(segment.start))-\(hexadecimal(segment.end)) \(permissions), "
            + "\(segment.end - segment.start) bytes, \(segment.fileSize) of them in the file"
    }

    /// As `solo5-elftool query-manifest` prints it.
    private var manifest: JSON {
        let devices = image.manifest.devices.map { device -> JSON in
            .object([
                ("name", .string(device.name)), ("type", .string(device.type.description)),
            ])
        }
        return .object([
            ("type", .string("solo5.manifest")), ("version", .number(1)),
            ("devices", .array(devices)),
        ])
    }

    /// As `solo5-elftool query-abi` prints it.
    private var abi: JSON {
        .object([
            ("type", .string("solo5.abi")), ("target", .string(image.abi.targetName)),
            ("version", .number(UInt64(image.abi.version))),
        ])
    }

    private static func json(_ segment: Segment) -> JSON {
        .object([
            ("start", .number(segment.start)),
            ("end", .number(segment.end)),
            ("readable", .boolean(segment.isReadable)),
            ("writable", .boolean(segment.isWritable)),
            ("executable", .boolean(segment.isExecutable)),
            ("fileOffset", .number(segment.fileOffset)),
            ("fileSize", .number(segment.fileSize)),
        ])
    }
}
