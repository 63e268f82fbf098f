import Tender

/// The modules of one launch, and what they contribute to it.
struct Attachment {
    private(set) var launch: Launch
    /// Alive for as long as their handlers are used.
    private(set) var modules: [any Module] = []
    /// Those modules' manifests.
    private(set) var manifests: [ModuleManifest] = []
    /// Why modules could not attach.
    private(set) var failures: [ModuleError] = []

    /// Has every module for hvt guests attach what the options ask for.
    init(_ registered: [RegisteredModule], _ request: RunRequest, _ image: HVTImage) {
        launch = Launch(options: request.options, devices: image.manifest)
        do throws(ModuleError) {
            launch.observation = try registered.observation(request, image.path)
        } catch {
            failures.append(error)
        }
        for registered in registered
        where registered.guestKind == nil && !registered.manifest.observes {
            let module = registered.make()
            do throws(ModuleError) {
                try module.attach(to: &launch)
                modules.append(module)
                manifests.append(registered.manifest)
            } catch {
                failures.append(error)
            }
        }
    }

    /// Leaves what the modules hold to the end of the process. A sandbox need not let them give it
    /// back.
    func abandon() {
        // Never released.
        for module in modules { unsafe _ = Unmanaged.passRetained(module as AnyObject) }
        unsafe _ = Unmanaged.passRetained(Box(launch))
    }

    private final class Box {
        let launch: Launch

        init(_ launch: Launch) {
            self.launch = launch
        }
    }

    /// The devices that the guest will miss.
    var unattached: [ManifestEntry] { launch.devices.devices.filter { !$0.isAttached } }
}

extension [RegisteredModule] {
    /// What those modules contribute that look into guests.
    func observation(
        _ request: RunRequest, _ image: String, foreignKind: String? = nil
    ) throws(ModuleError) -> Observation {
        var observation = Observation(
            options: request.options, image: image, foreignKind: foreignKind,
            program: request.program, isRehearsal: request.isRehearsal, standsIn: request.standsIn,
            modules: map { $0.manifest }, fileRights: request.fileRights)
        for registered in self where registered.manifest.observes {
            try registered.make().observe(&observation)
            observation.manifests.append(registered.manifest)
        }
        return observation
    }

    /// The same, for guests that are not hvt's.
    func observing(
        _ request: RunRequest, _ path: String, kind: String?
    ) throws(TenderError) -> Observation {
        do throws(ModuleError) {
            return try observation(request, path, foreignKind: kind)
        } catch {
            throw .module(error)
        }
    }
}
