import HVT
import Hypervisor
import Linux
import Programs
import Sandbox
import Tender

/// The persona `solo5-hvt`, also with the options of `solo5-hvt-debug`.
package final class Solo5Persona: Persona {
    package init() {}

    package var names: [String] { [Solo5Program.name, Solo5Program.debugName] }
    /// Callers append the ABI version of the guest, after a dot.
    package var aliases: [String] { ["\(Solo5Program.name).1", "\(Solo5Program.name).2"] }

    package func description(_ registry: Registry) -> CommandDescription {
        // Without the options of modules that only the debug variant has.
        Solo5Usage.description(
            Solo5Program.name, registry.modules.filter { !$0.manifest.observes })
    }

    package func run(
        _ arguments: ArraySlice<Argument>, as name: String, in context: ProgramContext
    ) -> Int32 {
        Solo5Program(
            name: name, registry: context.registry, streams: context.streams, lock: context.lock
        ).run(arguments)
    }
}

/// The command line of `solo5-hvt`: its grammar, its streams and its exit statuses.
struct Solo5Program {
    static let name = "solo5-hvt"
    /// The variant with options for debugging guests.
    static let debugName = "solo5-hvt-debug"

    /// The name that messages begin with.
    let name: String
    private let registered: () -> Registry
    let streams: Streams
    let lock: (Sandbox) -> LaunchLock

    init(
        name: String, registry: @escaping () -> Registry, streams: Streams,
        lock: @escaping (Sandbox) -> LaunchLock
    ) {
        self.name = name
        registered = registry
        self.streams = streams
        self.lock = lock
    }

    /// The registry, restricted to hvt guests and to the modules whose options this program has.
    private func registry() -> Registry {
        let isDebugging = name == Self.debugName
        let all = registered()
        return all.with(
            all.modules.filter { isDebugging || !$0.manifest.observes },
            all.kinds.filter { $0.name == HVTKind.name })
    }

    /// The message about an option whose module was not built in; nil if there is no such module.
    static func absence(
        of option: WrittenOption, as program: String, _ registry: Registry
    ) -> String? {
        program == debugName ? registry.absent.offering(option.name)?.absence : nil
    }

    /// - Parameter arguments: without the program's name.
    func run(_ arguments: ArraySlice<Argument>) -> Int32 {
        do throws(CommandError) {
            let line = try Solo5Line(arguments)
            if line.wish == .version {
                streams.complain(versionText)
                return 0
            }
            return try launch(line)
        } catch {
            for line in error.lines { complain(Sandbox.explained(line)) }
            if error.isUsage { streams.complain(Solo5Usage.text(name, registry().modules)) }
            return 1
        }
    }

    private var versionText: String {
        "\(name) tender, version \(version)\npinnace \(buildVersion)\nABI version 2\nABI version 1\n"
    }

    private func complain(_ line: String) {
        streams.complain("\(name): \(line)\n")
    }

    /// Launches the guest. The order of checks is the reference's, except that all of them come
    /// before the use of KVM.
    private func launch(_ line: Solo5Line) throws(CommandError) -> Int32 {
        Signals.install(program: name, diesOfInterrupt: false)
        let registry = registry()
        let modules = registry.modules
        let image = try registry.image(line.kernel)
        let missing = try wrapping({ CommandError(.image($0)) }) { () throws(ImageError) in
            try image.missing(from: modules, isThorough: false)
        }
        guard missing.isEmpty else { throw CommandError(lines: missing) }
        let request = try line.request(name, registry)
            .launch(modules, lock: lock) { complain($0) }
        do throws(TenderError) {
            return try LaunchPipeline(registry).run(image, request)
        } catch {
            switch error {
            case .module(let cause):
                throw cause.option.map { .invalid($0.text, because: [cause.text]) }
                    ?? CommandError(cause.text)
            case .unattached(let devices):
                throw CommandError(lines: Self.lines(about: devices))
            default: throw CommandError(error, registry)
            }
        }
    }

    private static func lines(about unattached: [ManifestEntry]) -> [String] {
        unattached.map {
            "Device \(quoted($0.name)) of type \($0.type) declared but not attached."
        } + ["All declared devices must be attached. See --help for the options."]
    }
}

extension CommandError {
    /// The error that `option` is not valid, after lines that say why.
    static func invalid(_ option: String, because lines: [String] = []) -> CommandError {
        CommandError(lines: lines + ["Invalid option: `\(option)'"], isUsage: true)
    }
}
