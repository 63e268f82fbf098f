import Tender

/// The modules that a guest needs.
struct GuestNeeds {
    let modules: [KnownModule]
    /// Whether the scan of the code found the hypercalls. If not, the guest may need any of the
    /// basic ones.
    let isCertain: Bool

    /// - Parameters:
    ///   - segments: the image's segments.
    ///   - known: all modules, built in or not.
    init(
        _ image: HVTImage, _ segments: [Segment], _ known: [KnownModule]
    ) throws(ImageError) {
        self.init(image.manifest, try HypercallScan(image, segments), known)
    }

    init(_ manifest: ApplicationManifest, _ scan: HypercallScan, _ known: [KnownModule]) {
        isCertain = scan.isPlausible
        modules = known.filter { module in
            guard module.guests == HVTKind.name else { return false }
            // Guests contain the code for devices whether they declare one or not.
            return module.devices.isEmpty
                ? !scan.isPlausible || module.hypercalls.contains { scan.finds($0.number) }
                : manifest.devices.contains { module.devices.contains($0.type) }
        }
    }

    func missing(from built: [RegisteredModule]) -> [KnownModule] {
        modules.filter { !$0.isBuiltIn(built) }
    }
}
