/// A module that was built in, as the registry lists it.
public struct RegisteredModule {
    public let manifest: ModuleManifest
    public let commands: [ModuleCommand]
    public let make: () -> any Module
    /// The guest kind that the module adds, if any.
    public internal(set) var guestKind: (any GuestKind)?

    public init<Chosen: Module>(_ type: Chosen.Type, guestKind: (any GuestKind)? = nil) {
        manifest = Chosen.manifest
        commands = Chosen.commands
        make = { Chosen() }
        self.guestKind = guestKind
    }
}
