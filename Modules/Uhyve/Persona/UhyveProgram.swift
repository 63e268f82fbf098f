import Hypervisor
import Manifests
import Programs
import Sandbox
import Tender

/// The persona `uhyve`.
package final class UhyvePersona: Persona {
    package init() {}

    package var names: [String] { [UhyveManifest.persona] }

    package func description(_ registry: Registry) -> CommandDescription {
        UhyveUsage.description
    }

    package func run(
        _ arguments: ArraySlice<Argument>, as name: String, in context: ProgramContext
    ) -> Int32 {
        UhyveProgram(context: context).run(arguments)
    }
}

/// The program `uhyve`: its command line, environment variables and exit statuses.
struct UhyveProgram {
    /// The prefix of messages.
    static let name = UhyveManifest.persona
    /// The version of `uhyve` whose options are implemented.
    private static let uhyveVersion = "0.9.1"

    let context: ProgramContext
    private var streams: Streams { context.streams }

    /// - Parameter arguments: without the program's name.
    func run(_ arguments: ArraySlice<Argument>) -> Int32 {
        do throws(CommandError) {
            var line = try UhyveLine(arguments)
            switch line.wish {
            case .help:
                streams.print(UhyveUsage.description.help)
                return 0
            case .version:
                streams.print("\(Self.name) \(Self.uhyveVersion) (pinnace \(buildVersion))\n")
                return 0
            case nil: break
            }
            let environment = context.environment()
            try line.addVariables(environment)
            try line.addConfiguration(environment) { complain($0) }
            return try launch(line, environment)
        } catch {
            for line in error.lines { complain(Sandbox.explained(line)) }
            if let signal = error.signal { Signals.end(by: signal) }
            return error.isUsage ? 2 : 1
        }
    }

    /// Writes a warning, unless RUST_LOG suppresses warnings.
    private func warn(_ line: String, _ log: LogRequest) {
        if !log.isQuiet { complain(line) }
    }

    private func complain(_ line: String) {
        streams.complain("\(Self.name): \(line)\n")
    }

    private func launch(
        _ line: UhyveLine, _ environment: [[UInt8]]
    ) throws(CommandError) -> Int32 {
        Signals.install(program: Self.name, diesOfInterrupt: false)
        let known = UhyveManifest.known
        let all = context.registry()
        let modules = all.modules
        guard let kind = modules.first(where: { $0.manifest.name == known.name })?.guestKind else {
            throw CommandError(known.absence)
        }
        let registry = all.with(modules, [kind])
        if let option = line.debuggerOptions.first,
            let module = all.absent.offering(option.name)
        {
            throw CommandError(module.absence)
        }
        let image = try registry.image(line.kernel ?? Argument(""))
        let log = LogRequest(environment)
        if log.asksForMore {
            complain("environment variable RUST_LOG: no more is logged than warnings; see --stats")
        }
        let lock = context.lock(Sandbox(mode: .on, program: Self.name, hasOption: false))
        let request = line.request(image.file, environment, modules, lock) { warn($0, log) }
        do throws(TenderError) {
            return try LaunchPipeline(registry).run(image, request)
        } catch {
            throw Self.failure(error)
        }
    }

    /// The failure for an error, with options named as in `uhyve`.
    private static func failure(_ error: TenderError) -> CommandError {
        guard case .module(let cause) = error, let option = cause.option,
            let known = UhyveOption.passing(option.name)
        else { return CommandError(error) }
        let isNetwork = if case .network = known.meaning { true } else { false }
        let isUsage = if case .list = known.meaning { true } else { false }
        let written = OptionValue(
            name: known.name, value: isNetwork ? "tap:\(option.value)" : option.value)
        let line = "option \(written.text): \(error.description)"
        return CommandError(lines: [line], isUsage: isUsage)
    }
}

extension UhyveLine {
    /// The launch request, with the options translated to the module's.
    func request(
        _ image: ImageFile, _ environment: [[UInt8]], _ modules: [RegisteredModule],
        _ lock: LaunchLock, warn: @escaping (String) -> Void
    ) -> LaunchRequest {
        var request = LaunchRequest(
            program: UhyveProgram.name, standsIn: true, arguments: arguments.map { $0.bytes },
            modules: modules,
            lock: lock, warn: warn)
        for given in options {
            switch given.option.meaning {
            case .memory: request.memory = ByteCount.parse(given.value)
            case .network:
                request.options.append(
                    OptionValue(name: "net", value: given.networkInterface ?? ""))
            case .passed(let name), .number(let name), .list(let name), .choice(let name, _):
                request.options.append(OptionValue(name: name, value: given.passedValue))
            case .debugger, .configuration, .idle, .refused: break
            }
        }
        let directory = UhyveOption.temporaryDirectory
        if request.options(named: directory).isEmpty {
            let path = environment.value(of: "TMPDIR").map { String(decoding: $0, as: UTF8.self) }
            request.options.append(
                OptionValue(
                    name: directory, value: path.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"))
        }
        // Up to 0.4.0 `uhyve` passed all of its environment, later only what -e states. The old
        // behaviour applies if both the guest and the command line are as old.
        if isOld, HermitMark(image)?.isBefore0_10 ?? false {
            request.options.append(OptionValue(name: "env", value: "host"))
        }
        request.options += debuggerOptions
        return request
    }
}
