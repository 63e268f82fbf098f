import Rules

/// All that modules see of one launch, and where they leave what they contribute to it.
public struct Launch {
    /// The options that were given, in order.
    public let options: [OptionValue]
    /// What the guest asks for; modules fill in the facts of the devices that they attach.
    public var devices: ApplicationManifest
    /// The name of the module that attaches.
    package var module = ""
    /// Who serves which hypercall.
    public private(set) var dispatch = DispatchTable()
    /// Descriptors that make a device ready when they can be read. Complete only once every module
    /// has attached, so look at it when serving, not when attaching.
    public let pollSet = PollSet()
    /// What fills the roles in the modules' manifests.
    public var bindings = Bindings()
    /// Where handlers look that were interrupted while they waited.
    public let interruptionPoint = InterruptionPoint()
    /// Threads that work for the guest.
    public private(set) var workers: [Worker] = []
    /// Who looks into the guest.
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
    /// - Throws: if another handler has it, or there is no such number.
    public mutating func serve(
        _ number: Int32, _ handler: @escaping HypercallHandler
    ) throws(ModuleError) {
        do throws(DispatchError) {
            try dispatch.register(number, of: module, handler)
        } catch {
            throw ModuleError(error.description)
        }
    }

    /// Adds a thread that works for the guest. The module's manifest states what it calls.
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
