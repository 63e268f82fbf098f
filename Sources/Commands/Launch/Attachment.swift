import Tender

/// The modules of one launch, and what they contribute to it.
struct Attachment {
    private(set) var launch: Launch
    /// Alive for as long as their handlers are used.
    private(set) var modules: [any Module] = []
    /// Why modules could not attach.
    private(set) var failures: [ModuleError] = []

    /// Has every module for hvt guests attach what the options ask for.
    init(_ registered: [RegisteredModule], _ request: RunRequest, _ devices: ApplicationManifest) {
        launch = Launch(options: request.options, devices: devices)
        for module in registered where module.guestKind == nil {
            let module = module.make()
            do throws(ModuleError) {
                try module.attach(to: &launch)
                modules.append(module)
            } catch {
                failures.append(error)
            }
        }
    }

    /// The devices that the guest will miss.
    var unattached: [ManifestEntry] { launch.devices.devices.filter { !$0.isAttached } }
}
