import Rules

/// One launch as modules see it, and their contributions to it.
public struct Launch {
    /// The options that were given, in order.
    public let options: [OptionValue]
    /// The devices that the guest declares; modules fill in the facts of those that they attach.
    public var devices: ApplicationManifest
    /// Arguments for the guest, before its own.
    public var arguments: [[UInt8]] = []
    /// The name of the module that attaches.
    package var module = ""
    /// The hypercall handlers.
    public private(set) var dispatch = DispatchTable()
    /// The descriptors of devices that become ready when readable. Complete when every module has
    /// attached: read it in handlers, not in `attach`.
    public let pollSet = PollSet()
    /// The values bound to the roles in the modules' manifests.
    public var bindings = Bindings()
    /// The check of handlers whose wait was interrupted.
    public let interruptionPoint = InterruptionPoint()
    /// The ring that a module offers to the guest, if any.
    public var ring: SharedRing?
    /// What a module may put off, if any does.
    public var deferral: Deferral?
    /// The modules' own threads.
    public private(set) var workers: [Worker] = []
    /// The observers' contributions.
    public var observation = Observation()
    /// The size of the largest file that the guest may write to, in bytes.
    public var largestFile: UInt64 = 0

    public init(options: [OptionValue], devices: ApplicationManifest) {
        self.options = options
        self.devices = devices
    }

    /// The options of this name, in order.
    public func options(named name: String) -> [OptionValue] {
        options.filter { $0.name == name }
    }

    /// Serves hypercall `number` with `handler`.
    ///
    /// - Throws: if the number has a handler, or is out of range.
    public mutating func serve(
        _ number: Int32, _ handler: @escaping HypercallHandler
    ) throws(ModuleError) {
        try dispatch.register(number, of: module, handler)
    }

    /// Adds a worker thread. The module's manifest states its system calls.
    public mutating func add(_ worker: Worker) {
        workers.append(worker)
    }

    /// The handle of the device that a device option names.
    ///
    /// - Throws: if the guest has no device with this name and type, or not with this name.
    public func handle(
        for option: OptionValue, type: DeviceType
    ) throws(ModuleError) -> Int {
        if let handle = devices.handle(named: option.device, type: type) { return handle }
        throw ModuleError(
            "Resource not declared in manifest: '\(option.device)'", option: option,
            hint: devices.names(of: type).isEmpty
                ? "this guest has no \(type) device"
                : "its \(type) devices: "
                    + devices.names(of: type).map(printable).joined(separator: ", "))
    }
}
