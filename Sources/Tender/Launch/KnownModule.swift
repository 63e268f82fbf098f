/// A module that there is, whether it was built in or not: what messages need that miss one.
///
/// Of a module that is left out, no more of its manifest than this is in the binary.
public struct KnownModule: Sendable {
    /// As operators write it: "net".
    public let name: String
    /// The package trait that builds it in: "Net".
    public let trait: String
    /// The name of the kind of guests that it serves; nil if it looks into guests of any kind.
    public let guests: String?
    /// Those that a guest of that kind needs this module for, and that may be missing.
    public let hypercalls: [HypercallSpecification]
    /// Device types that the module can attach.
    public let devices: [DeviceType]
    /// Those that are told apart from unknown ones where the module is missing.
    public let options: [OptionSpecification]
    /// The names of commands of `pinnace` that it brings.
    public let commands: [String]
    /// The names of programs that only a build with it can stand in for.
    public let personas: [String]
    /// Whether a file is a guest of the kind that the module brings, if it does. Throws if that can't
    /// be told without the module.
    public let recognises: (@Sendable (_ file: ImageFile) throws(ImageError) -> Bool)?

    public init(
        name: String, trait: String, guests: String?, hypercalls: [HypercallSpecification] = [],
        devices: [DeviceType] = [], options: [OptionSpecification] = [], commands: [String] = [],
        personas: [String] = [],
        recognises: (@Sendable (_ file: ImageFile) throws(ImageError) -> Bool)? = nil
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

    public func isBuiltIn(_ modules: [RegisteredModule]) -> Bool {
        modules.contains { $0.manifest.name == name }
    }

    /// What to say when something needs the module and it is not there.
    public var absence: String { "this pinnace was built without module \(name) (trait \(trait))" }
}

extension [KnownModule] {
    public func serving(_ type: DeviceType) -> KnownModule? {
        first { $0.devices.contains(type) }
    }

    /// The one that has an option of this name.
    public func offering(_ option: String) -> KnownModule? {
        first { $0.options.contains { $0.name == option } }
    }

    public func bringing(command: String) -> KnownModule? {
        first { $0.commands.contains(command) }
    }

    public func bringing(persona: String) -> KnownModule? {
        first { $0.personas.contains(persona) }
    }

    /// What to say when nothing in this build can run a guest.
    public func absence(for image: any GuestImage) -> String {
        let plural = count == 1 ? "" : "s"
        return "\(image.file.path): this is a \(image.kind) guest; "
            + "this pinnace was built without module\(plural) "
            + map { $0.name }.joined(separator: ", ")
            + " (trait\(plural) \(map { $0.trait }.joined(separator: ",")))"
    }
}
