import Sandbox
import Tender

/// The command line of `solo5-hvt`: its grammar, its streams and its exit statuses.
struct Solo5Program {
    /// The names that make this program behave as `solo5-hvt`. Callers look for the ABI version of
    /// a guest behind the dot.
    static let names = ["solo5-hvt", "solo5-hvt.1", "solo5-hvt.2", debugName]
    /// The one that has options to look into guests.
    private static let debugName = "solo5-hvt-debug"

    /// What messages begin with.
    let name: String
    private let registered: () -> [RegisteredModule]
    let streams: Streams
    let lock: (Sandbox) -> LaunchLock

    init(
        name: String, modules: @escaping () -> [RegisteredModule], streams: Streams,
        lock: @escaping (Sandbox) -> LaunchLock
    ) {
        self.name = name
        registered = modules
        self.streams = streams
        self.lock = lock
    }

    /// Those whose options this program has.
    private func modules() -> [RegisteredModule] {
        let isDebugging = name == Self.debugName
        return registered().filter { isDebugging || !$0.manifest.observes }
    }

    /// What to say of an option whose module was not built in.
    static func absence(
        of option: WrittenOption, as program: String, _ modules: [RegisteredModule]
    ) -> String? {
        guard program == debugName, let module = KnownModule.offering(option.name),
            !module.isBuiltIn(modules)
        else { return nil }
        return module.absence
    }

    /// - Parameter arguments: without the program's name.
    func run(_ arguments: ArraySlice<Argument>) -> Int32 {
        do throws(Solo5Failure) {
            let line = try Solo5Line(arguments)
            if line.wish == .version {
                streams.complain(versionText)
                return 0
            }
            return try launch(line)
        } catch {
            for line in error.lines { complain(Sandbox.explained(line)) }
            if error.showsUsage { streams.complain(Solo5Usage.text(name, modules())) }
            return 1
        }
    }

    private var versionText: String {
        "\(name) tender, version \(version)\nABI version 2\nABI version 1\n"
    }

    private func complain(_ line: String) {
        streams.complain("\(name): \(line)\n")
    }

    /// The order of the checks is the reference's, but that all of them precede the use of KVM.
    private func launch(_ line: Solo5Line) throws(Solo5Failure) -> Int32 {
        Signals.install(program: name)
        let modules = modules()
        let image = try open(line.kernel)
        let missing = try tending { () throws(TenderError) in
            do throws(ImageError) {
                if let absence = try modules.absence(for: image) { return [absence] }
            } catch {
                throw .image(error)
            }
            return image.manifest.missing(from: modules)
        }
        guard missing.isEmpty else { throw Solo5Failure(lines: missing) }

        let request = try line.request(name, modules)
        let attachment = Attachment(modules, request, image)
        Stage.attached.mark()
        if let failure = attachment.failures.first { throw Solo5Failure(failure) }

        return try tending { () throws(TenderError) in
            let size = try request.memorySize()
            if size.isAdjusted { complain("adjusting memory to \(size.bytes) bytes") }
            let unattached = attachment.unattached
            guard unattached.isEmpty else { throw .unattached(Self.lines(about: unattached)) }
            let plan = try HVTPlan(
                image: image, memorySize: size, commandLine: request.commandLine)
            return try Commands.run(
                plan, attachment, lock(Sandbox(mode: request.sandboxMode, program: name)))
        }
    }

    private func open(_ kernel: Argument) throws(Solo5Failure) -> HVTImage {
        let path: String
        do throws(CommandError) {
            path = try kernel.path
        } catch {
            throw Solo5Failure(lines: error.lines)
        }
        return try tending { () throws(TenderError) in
            do throws(ImageError) {
                return try HVTImage(path: path)
            } catch {
                throw .image(error)
            }
        }
    }

    private static func lines(about unattached: [ManifestEntry]) -> [String] {
        unattached.map {
            "Device \(quoted($0.name)) of type \($0.type) declared but not attached."
        } + ["All declared devices must be attached. See --help for the options."]
    }

    private func tending<Value>(
        _ body: () throws(TenderError) -> Value
    ) throws(Solo5Failure) -> Value {
        do throws(TenderError) {
            return try body()
        } catch {
            throw Solo5Failure(lines: CommandError(error, builtIn: modules()).lines)
        }
    }
}

/// Why `solo5-hvt` ends with status 1.
struct Solo5Failure: Error, Equatable {
    var lines: [String]
    var showsUsage = false

    static func usage(_ lines: [String]) -> Solo5Failure {
        Solo5Failure(lines: lines, showsUsage: true)
    }

    static func invalid(_ option: String, because lines: [String] = []) -> Solo5Failure {
        usage(lines + ["Invalid option: `\(option)'"])
    }

    init(lines: [String], showsUsage: Bool = false) {
        self.lines = lines
        self.showsUsage = showsUsage
    }

    init(_ error: ModuleError) {
        if let option = error.option {
            self = .invalid(option.text, because: [error.text])
        } else {
            self.init(lines: [error.text])
        }
    }
}
