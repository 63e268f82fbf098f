import ABI

/// Who serves what guests can ask for. Modules that were not built in can't say so themselves.
public struct KnownModule: Sendable {
    public let name: String
    public let trait: String
    public let hypercalls: [Int32]
    public let devices: [DeviceType]
    /// The kind of guests that it is for; nil for all.
    public let guests: String?
    /// The names of its options, if it looks into guests.
    public let options: [String]
    /// The names of commands that it brings.
    public let commands: [String]

    /// Has no hypercalls of hvt's.
    public static let uhyve = KnownModule(
        name: "uhyve", trait: "Uhyve", hypercalls: [], guests: "Hermit")

    public static let gdb = KnownModule(
        name: "gdb", trait: "Gdb", guests: nil, options: ["gdb", "gdb-port"])

    /// In the order of the package's traits.
    public static let all = [
        KnownModule(name: "walltime", trait: "Walltime", hypercalls: [HVT_HYPERCALL_WALLTIME]),
        KnownModule(name: "puts", trait: "Puts", hypercalls: [HVT_HYPERCALL_PUTS]),
        KnownModule(name: "poll", trait: "Poll", hypercalls: [HVT_HYPERCALL_POLL]),
        KnownModule(name: "halt", trait: "Halt", hypercalls: [HVT_HYPERCALL_HALT]),
        KnownModule(
            name: "block", trait: "Block",
            hypercalls: [HVT_HYPERCALL_BLOCK_WRITE, HVT_HYPERCALL_BLOCK_READ], devices: [.block]),
        KnownModule(
            name: "net", trait: "Net",
            hypercalls: [HVT_HYPERCALL_NET_WRITE, HVT_HYPERCALL_NET_READ], devices: [.net]),
        uhyve,
        gdb,
        KnownModule(name: "dumpcore", trait: "Dumpcore", guests: nil, options: ["dumpcore"]),
        KnownModule(
            name: "trace", trait: "Trace", guests: nil, options: ["trace", "trace-size", "stats"],
            commands: ["trace"]),
    ]

    private init(
        name: String, trait: String, hypercalls: [Int32] = [], devices: [DeviceType] = [],
        guests: String? = "Solo5", options: [String] = [], commands: [String] = []
    ) {
        self.name = name
        self.trait = trait
        self.hypercalls = hypercalls
        self.devices = devices
        self.guests = guests
        self.options = options
        self.commands = commands
    }

    public static func bringing(command: String) -> KnownModule? {
        all.first { $0.commands.contains(command) }
    }

    public static func serving(_ type: DeviceType) -> KnownModule? {
        all.first { $0.devices.contains(type) }
    }

    public static func serving(hypercall number: Int) -> KnownModule? {
        all.first { $0.hypercalls.contains { Int($0) == number } }
    }

    /// The one that looks into guests and has an option of this name.
    public static func offering(_ option: String) -> KnownModule? {
        all.first { $0.options.contains(option) }
    }

    public func isBuiltIn(_ modules: [RegisteredModule]) -> Bool {
        modules.contains { $0.manifest.name == name }
    }

    /// What to say when something needs the module and it is not there.
    public var absence: String { "this pinnace was built without module \(name) (trait \(trait))" }

    /// What to say when nothing in this build can run a guest.
    public static func absence(of modules: [KnownModule], for image: any GuestImage) -> String {
        let plural = modules.count == 1 ? "" : "s"
        return "\(image.file.path): this is a \(image.kind) guest; "
            + "this pinnace was built without module\(plural) "
            + modules.map { $0.name }.joined(separator: ", ")
            + " (trait\(plural) \(modules.map { $0.trait }.joined(separator: ",")))"
    }
}
