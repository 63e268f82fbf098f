import Rules

/// What a module states about itself: the source of help texts, of the check whether a guest can
/// run here, of `pinnace manifest`, and of the sandbox.
public struct ModuleManifest: Sendable {
    /// As operators write it: "net".
    public let name: String
    /// The package trait that builds it in: "Net".
    public let trait: String
    /// One line.
    public let summary: String
    public let hypercalls: [HypercallSpecification]
    /// Device types that the module can attach.
    public let devices: [DeviceType]
    public let options: [OptionSpecification]
    /// What its handlers do with vCPUs while the guest runs.
    public let operations: [Operation.Use]
    /// What it calls besides while the guest runs, on the vCPUs' threads.
    public let systemCalls: [SystemCallSpecification]
    /// Its own threads.
    public let workers: [WorkerSpecification]
    /// The name of the kind of guests that it serves; nil for modules that look into guests of any
    /// kind.
    public let guests: String?

    /// What all its threads call while the guest runs.
    public var allSystemCalls: [SystemCallSpecification] {
        systemCalls + workers.flatMap { $0.systemCalls }
    }

    /// Whether it looks into guests of any kind, instead of serving one kind.
    public var observes: Bool { guests == nil }

    /// - Parameters:
    ///   - hypercalls: those of the module, if it is not known by them.
    ///   - options: those of the module, if it is not known by them.
    public init(
        _ known: KnownModule, summary: String, hypercalls: [HypercallSpecification]? = nil,
        options: [OptionSpecification]? = nil, operations: [Operation.Use] = [],
        systemCalls: [SystemCallSpecification] = [], workers: [WorkerSpecification] = []
    ) {
        name = known.name
        trait = known.trait
        self.summary = summary
        self.hypercalls = hypercalls ?? known.hypercalls
        devices = known.devices
        self.options = options ?? known.options
        self.operations = operations
        self.systemCalls = systemCalls
        self.workers = workers
        guests = known.guests
    }
}

/// An option of the command line: `--name=VALUE` or, for a device, `--name:DEVICE=VALUE`.
public struct OptionSpecification: Sendable {
    /// Without the dashes.
    public let name: String
    /// Whether it is about one of the guest's devices.
    public let takesDevice: Bool
    /// What stands for the value in help texts; nil for a flag.
    public let valueName: String?
    /// One line.
    public let help: String
    /// Whether it may be given more than once (about each device).
    public let isRepeatable: Bool
    /// Whether `solo5-hvt` lacks it, so that it is offered by our own command line only.
    public let isNativeOnly: Bool
    /// Whether it is a flag as well. Only our own command line takes it with a value then.
    public let isValueOptional: Bool
    /// The name of the kind of guests that has it, if its module serves more; nil for all of them.
    public let guests: String?

    public init(
        name: String, takesDevice: Bool = false, valueName: String? = nil, help: String,
        isRepeatable: Bool = false, isNativeOnly: Bool = false, isValueOptional: Bool = false,
        guests: String? = nil
    ) {
        self.name = name
        self.takesDevice = takesDevice
        self.valueName = valueName
        self.help = help
        self.isRepeatable = isRepeatable
        self.isNativeOnly = isNativeOnly
        self.isValueOptional = isValueOptional
        self.guests = guests
    }
}
