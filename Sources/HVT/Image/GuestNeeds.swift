import Tender

/// The modules without which a guest does not run.
struct GuestNeeds {
    let modules: [KnownModule]
    /// Whether the guest's code tells which hypercalls it makes. If not, they may be any of the
    /// basic ones.
    let isCertain: Bool

    /// - Parameters:
    ///   - segments: those of the image.
    ///   - known: all modules that there are.
    init(
        _ image: HVTImage, _ segments: [Segment], _ known: [KnownModule]
    ) throws(ImageError) {
        self.init(image.manifest, try HypercallScan(image, segments), known)
    }

    init(_ manifest: ApplicationManifest, _ scan: HypercallScan, _ known: [KnownModule]) {
        isCertain = scan.isPlausible
        modules = known.filter { module in
            guard module.guests == HVTKind.name else { return false }
            // Guests carry the code for devices whether they have one or not.
            return module.devices.isEmpty
                ? !scan.isPlausible || module.hypercalls.contains { scan.finds($0.number) }
                : manifest.devices.contains { module.devices.contains($0.type) }
        }
    }

    func missing(from built: [RegisteredModule]) -> [KnownModule] {
        modules.filter { !$0.isBuiltIn(built) }
    }
}
