/// A module that may or may not be built in, as messages about missing modules need it.
///
/// This is all that the binary contains of a module that was left out.
public struct KnownModule: Sendable {
    /// The name on the command line: "net".
    public let name: String
    /// The package trait that enables it: "Net".
    public let trait: String
    /// The name of the guest kind that it serves; nil for observers, which serve any kind.
    public let guests: String?
    /// The hypercalls that a guest of that kind needs this module for.
    public let hypercalls: [HypercallSpecification]
    /// Device types that the module can attach.
    public let devices: [DeviceType]
    /// The options that are reported as belonging to this module if it is missing.
    public let options: [OptionSpecification]
    /// The names of `pinnace` commands that it adds.
    public let commands: [String]
    /// The names of programs (argv[0] or `--as`) that a build emulates only with this module.
    public let personas: [String]
    /// Tells what a file is if it is a guest of the kind that the module adds. Throws if only the
    /// module itself can decide.
    public let recognises: (@Sendable (_ file: ImageFile) throws(ImageError) -> RecognisedGuest?)?

    public init(
        name: String, trait: String, guests: String?, hypercalls: [HypercallSpecification] = [],
        devices: [DeviceType] = [], options: [OptionSpecification] = [], commands: [String] = [],
        personas: [String] = [],
        recognises: (@Sendable (_ file: ImageFile) throws(ImageError) -> RecognisedGuest?)? = nil
    ) {
        self.name = name
        self.trait = trait
        self.guests = guests
        self.hypercalls = hypercalls
        self.devices = devices
        self.options = options
        self.commands = commands
        self.personas = personas
        self.recognises = recognises
    }

    /// The message if the module is needed and missing.
    public var absence: String { "this pinnace was built without module \(name) (trait \(trait))" }
}

/// What a build without a guest's module can tell of the guest.
public struct RecognisedGuest: Sendable {
    package let architecture: ELF.Machine
    /// The reason why it can't run on this host, with any modules; nil if it can.
    package let objection: String?

    package init(architecture: ELF.Machine, objection: String?) {
        self.architecture = architecture
        self.objection = objection
    }
}

extension [KnownModule] {
    public func serving(_ type: DeviceType) -> KnownModule? {
        first { $0.devices.contains(type) }
    }

    /// The module that has an option of this name.
    public func offering(_ option: String) -> KnownModule? {
        first { $0.options.contains { $0.name == option } }
    }

    public func bringing(command: String) -> KnownModule? {
        first { $0.commands.contains(command) }
    }

    public func bringing(persona: String) -> KnownModule? {
        first { $0.personas.contains(persona) }
    }
}
