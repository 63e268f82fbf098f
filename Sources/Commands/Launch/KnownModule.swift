import ABI
import Tender

/// Who serves what guests can ask for. Modules that were not built in can't say so themselves.
struct KnownModule {
    let name: String
    let trait: String
    let hypercalls: [Int32]
    let devices: [DeviceType]
    /// The kind of guests that it is for; nil for all.
    let guests: String?
    /// The names of its options, if it looks into guests.
    let options: [String]
    /// The names of commands that it brings.
    let commands: [String]

    /// Those that the core itself runs.
    static let hvtGuests = "Solo5"

    /// Has no hypercalls of hvt's.
    static let uhyve = KnownModule(
        name: "uhyve", trait: "Uhyve", hypercalls: [], guests: "Hermit")

    static let gdb = KnownModule(
        name: "gdb", trait: "Gdb", guests: nil, options: ["gdb", "gdb-port"])

    /// In the order of the package's traits.
    static let all = [
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
        guests: String? = hvtGuests, options: [String] = [], commands: [String] = []
    ) {
        self.name = name
        self.trait = trait
        self.hypercalls = hypercalls
        self.devices = devices
        self.guests = guests
        self.options = options
        self.commands = commands
    }

    static func bringing(command: String) -> KnownModule? {
        all.first { $0.commands.contains(command) }
    }

    static func serving(_ type: DeviceType) -> KnownModule? {
        all.first { $0.devices.contains(type) }
    }

    static func serving(hypercall number: Int) -> KnownModule? {
        all.first { $0.hypercalls.contains { Int($0) == number } }
    }

    /// The one that looks into guests and has an option of this name.
    static func offering(_ option: String) -> KnownModule? {
        all.first { $0.options.contains(option) }
    }

    func isBuiltIn(_ modules: [RegisteredModule]) -> Bool {
        modules.contains { $0.manifest.name == name }
    }

    /// What to say when something needs the module and it is not there.
    var absence: String { "this pinnace was built without module \(name) (trait \(trait))" }
}

extension RegisteredModule {
    /// The kind of guests that the module is for; nil for all.
    var guests: String? {
        guard !manifest.observes else { return nil }
        guard guestKind != nil else { return KnownModule.hvtGuests }
        return KnownModule.all.first { $0.name == manifest.name }?.guests ?? manifest.name
    }
}

extension ApplicationManifest {
    /// A line for each device that this build has no module for.
    func missing(from modules: [RegisteredModule]) -> [String] {
        devices.compactMap { device in
            guard let module = KnownModule.serving(device.type), !module.isBuiltIn(modules) else {
                return nil
            }
            return "device \(quoted(device.name)) is \(device.type); \(module.absence)"
        }
    }
}
