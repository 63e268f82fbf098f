import Rules

/// A module's declaration of what it serves and needs: the source of help texts, of the check
/// whether a guest can run, of `pinnace manifest`, and of the sandbox.
public struct ModuleManifest: Sendable {
    /// The name on the command line: "net".
    public let name: String
    /// The package trait that enables it: "Net".
    public let trait: String
    /// One line.
    public let summary: String
    public let hypercalls: [HypercallSpecification]
    /// Device types that the module can attach.
    public let devices: [DeviceType]
    public let options: [OptionSpecification]
    /// Its handlers' operations on vCPUs while the guest runs.
    public let operations: [Operation.Use]
    /// Its other system calls on the vCPUs' threads while the guest runs.
    public let systemCalls: [SystemCallSpecification]
    /// Its own threads.
    public let workers: [WorkerSpecification]
    /// The name of the guest kind that it serves; nil for observers, which serve any kind.
    public let guests: String?

    /// The system calls of all its threads while the guest runs.
    public var allSystemCalls: [SystemCallSpecification] {
        systemCalls + workers.flatMap { $0.systemCalls }
    }

    /// Whether it observes guests of any kind, instead of serving one kind.
    public var observes: Bool { guests == nil }

    /// - Parameters:
    ///   - hypercalls: the module's, if different from the known module's.
    ///   - options: the module's, if different from the known module's.
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
    /// Whether it applies to one of the guest's devices.
    public let takesDevice: Bool
    /// The placeholder of the value in help texts; nil for a flag.
    public let valueName: String?
    /// One line.
    public let help: String
    /// Whether it may be given more than once (per device).
    public let isRepeatable: Bool
    /// Whether `solo5-hvt` lacks it, so that only `pinnace`'s own command line offers it.
    public let isNativeOnly: Bool
    /// Whether the value is optional. Only `pinnace`'s own command line then takes it with a value.
    public let isValueOptional: Bool
    /// The name of the guest kind that has it, if its module serves several; nil for all.
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

/// A worker's entry in its module's manifest.
public struct WorkerSpecification: Sendable {
    /// As in "the network card".
    public let name: String
    /// Its thread's system calls while the guest runs, besides the module's on vCPU threads.
    public let systemCalls: [SystemCallSpecification]

    public init(_ name: String, systemCalls: [SystemCallSpecification]) {
        self.name = name
        self.systemCalls = systemCalls
    }
}
