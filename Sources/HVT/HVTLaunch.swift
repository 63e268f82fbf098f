import Hypervisor
import Linux
import Tender

/// One launch of one Solo5 guest.
final class HVTLaunch: GuestLaunch {
    /// Creates the VM and loads the guest.
    typealias Build = (
        _ plan: HVTPlan, _ launch: Launch, _ manifests: [ModuleManifest],
        _ warn: @escaping (String) -> Void
    ) throws(TenderError) -> any BuiltGuest

    private let image: HVTImage
    private let request: LaunchRequest
    private let known: [KnownModule]
    private let makeGuest: Build

    private var launch: Launch
    /// The modules that attached; retained as long as their handlers are used.
    private var modules: [any Module] = []
    private var manifests: [ModuleManifest] = []
    private var plan: HVTPlan?

    init(
        _ image: HVTImage, _ request: LaunchRequest, _ known: [KnownModule],
        _ build: @escaping Build
    ) {
        self.image = image
        self.request = request
        self.known = known
        makeGuest = build
        launch = Launch(options: request.options, devices: image.manifest)
    }

    func attach(_ objections: inout Objections) throws(TenderError) {
        let observation = try objections.attempt { () throws(TenderError) in
            try wrapping(TenderError.module) { () throws(ModuleError) in
                try request.observation(of: image.file, kind: HVTKind.name)
            }
        }
        if let observation { launch.observation = observation }
        for registered in request.modules where registered.manifest.guests == HVTKind.name {
            let module = registered.make()
            launch.module = registered.manifest.name
            let attached: Void? = try objections.attempt { () throws(TenderError) in
                try wrapping(TenderError.module) { () throws(ModuleError) in
                    try module.attach(to: &launch)
                }
            }
            guard attached != nil else { continue }
            modules.append(module)
            manifests.append(registered.manifest)
        }
    }

    func plan(_ objections: inout Objections) throws(TenderError) {
        let size = try objections.attempt { () throws(TenderError) in
            guard let asked = request.memory else { return MemorySize.standard }
            return try MemorySize(asked: asked)
        }
        if let size, size.isAdjusted {
            request.warn(
                request.standsIn
                    ? "adjusting memory to \(size.bytes) bytes"
                    : "option --mem: the guest gets \(size.bytes >> 20) MiB, since memory comes in "
                        + "steps of 2 MiB")
        }
        let unattached = unattached(objections)
        if !unattached.isEmpty { try objections.add(.unattached(unattached)) }
        guard let size else { return }
        plan = try objections.attempt { () throws(TenderError) in
            try HVTPlan(
                image: image, memorySize: size,
                commandLine: HVTPlan.commandLine(launch.arguments + request.arguments),
                isHeapExecutable: !request.options(named: HVTKind.executableHeap.name).isEmpty)
        }
    }

    /// The devices that are not attached, except those already reported: their module is missing,
    /// or their option failed.
    private func unattached(_ objections: Objections) -> [ManifestEntry] {
        let hasFailed = objections.all.contains { if case .module = $0 { true } else { false } }
        return launch.devices.devices.filter { device in
            guard !device.isAttached else { return false }
            let isMissing =
                known.serving(device.type).map { !$0.isBuiltIn(request.modules) } ?? false
            let isNamed = request.options.contains { $0.device == device.name }
            return !isMissing && !(hasFailed && isNamed)
        }
    }

    func build() throws(TenderError) -> any BuiltGuest {
        guard let plan else { throw .failed("the guest was not planned") }
        let guest = try makeGuest(plan, launch, manifests, request.warn)
        abandon()
        return guest
    }

    /// Leaves the modules' resources to the end of the process, so that the sandbox need not allow
    /// calls that free them.
    private func abandon() {
        // Never released.
        for module in modules { unsafe _ = Unmanaged.passRetained(module as AnyObject) }
        unsafe _ = Unmanaged.passRetained(self)
    }
}

/// A loaded Solo5 guest.
final class HVTRun<CPU: VCPU>: BuiltGuest {
    private var guest: HVTGuest<CPU>
    private let manifests: [ModuleManifest]
    private let warn: (String) -> Void

    /// - Parameters:
    ///   - manifests: the manifests of the modules that attached.
    ///   - warn: prints at the end how much of the guest's output was lost.
    init(
        _ guest: HVTGuest<CPU>, manifests: [ModuleManifest], warn: @escaping (String) -> Void
    ) {
        self.guest = guest
        self.manifests = manifests
        self.warn = warn
        guest.abandon()
    }

    func confinement() throws(TenderError) -> Confinement {
        guest.confinement(manifests)
    }

    func start() throws(TenderError) {
        let observation = guest.observation
        // Before observers, which handle some of the signals themselves.
        Signals.tell(observation.consoleLoss, program: observation.program)
        try guest.start()
    }

    func run() throws(TenderError) -> Int32 {
        let observation = guest.observation
        defer { if let line = observation.consoleLoss.line { warn(line) } }
        return try guest.run().exitStatus
    }
}
