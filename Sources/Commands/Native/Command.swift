import Tender

/// The commands of `pinnace` that belong to no module.
enum Command: CaseIterable {
    case run, check, inspect, manifest, manual, completion, help

    var name: String {
        switch self {
        case .run: "run"
        case .check: "check"
        case .inspect: "inspect"
        case .manifest: "manifest"
        case .manual: "manual"
        case .completion: "completion"
        case .help: "help"
        }
    }

    /// The operands in the usage text.
    var operands: String {
        switch self {
        case .run, .check: "[OPTIONS] GUEST [ARGS]"
        case .inspect: "[OPTIONS] GUEST"
        case .manifest: "[OPTIONS] [GUEST [ARGS]]"
        case .manual: "[PAGE]"
        case .completion: Completion.shells.map { $0.name }.joined(separator: "|")
        case .help: "[COMMAND]"
        }
    }

    var summary: String {
        switch self {
        case .run: "runs a guest"
        case .check: "tells whether a guest would run here, and why not"
        case .inspect: "tells what a guest is and what it needs"
        case .manifest: "tells what this pinnace was built with"
        case .manual: "writes a manual page"
        case .completion: "writes what completes command lines in a shell"
        case .help: "shows the help for a command"
        }
    }

    /// The core's options of the command, without those of modules.
    func options(_ registry: Registry) -> [OptionSpecification] {
        switch self {
        case .run: RunOption.all + RunOption.choice(registry)
        case .check: RunOption.all + RunOption.choice(registry) + [CheckOption.json]
        case .inspect: InspectOption.all
        case .manifest: ManifestOption.all + [RunOption.memory] + RunOption.choice(registry)
        case .manual, .completion, .help: []
        }
    }

    /// Whether kinds of guests and modules add their options.
    var takesModuleOptions: Bool { self == .run || self == .check || self == .manifest }

    static func named(_ name: String) -> Command? {
        allCases.first { $0.name == name }
    }

    /// A parser for the command's arguments.
    func parser(_ registry: Registry) -> OptionParser {
        let others =
            registry.kinds.flatMap { $0.options }
            + registry.modules.flatMap { $0.manifest.options }
        return OptionParser(
            options: options(registry) + (takesModuleOptions ? others : []),
            endsAtOperand: takesModuleOptions, command: "pinnace \(name)",
            absent: registry.absent)
    }
}
