import Tender

/// The command line of `uhyve`: its grammar, its variables and its exit statuses.
struct UhyveProgram {
    /// What messages begin with.
    static let name = StandIn.uhyve
    /// The version whose options these are.
    private static let uhyveVersion = "0.9.1"

    let modules: () -> [RegisteredModule]
    let streams: Streams
    /// Each reads NAME=VALUE.
    let environment: () -> [[UInt8]]
    let lock: LaunchLock

    /// - Parameter arguments: without the program's name.
    func run(_ arguments: ArraySlice<Argument>) -> Int32 {
        do throws(UhyveFailure) {
            var line = try UhyveLine(arguments)
            switch line.wish {
            case .help:
                streams.print(UhyveUsage.text)
                return 0
            case .version:
                streams.print("\(Self.name) \(Self.uhyveVersion) (pinnace \(version))\n")
                return 0
            case nil: break
            }
            let environment = environment()
            try line.addVariables(environment)
            return try launch(line, environment)
        } catch {
            for line in error.lines { complain(line) }
            if let signal = error.signal { Signals.end(by: signal) }
            return error.exitStatus
        }
    }

    private func complain(_ line: String) {
        streams.complain("\(Self.name): \(line)\n")
    }

    private func launch(
        _ line: UhyveLine, _ environment: [[UInt8]]
    ) throws(UhyveFailure) -> Int32 {
        Signals.install(program: Self.name, diesOfInterrupt: false)
        let known = KnownModule.uhyve
        let modules = modules()
        let module = modules.first { $0.manifest.name == known.name }
        guard let kind = module?.guestKind else { throw .tender([known.absence]) }
        guard line.debuggerOptions.isEmpty || KnownModule.gdb.isBuiltIn(modules) else {
            throw .tender([KnownModule.gdb.absence])
        }
        let image = try open(line.kernel)
        for path in Self.configurationFiles(environment) where (try? ImageFile(path: path)) != nil {
            complain("\(path) is not read: only options count")
        }
        var request = line.request(image, environment, lock) { complain($0) }
        do throws(TenderError) {
            try lock.closeInherited(request)
            request.observation = try modules.observing(
                RunRequest(program: Self.name, standsIn: true, options: line.debuggerOptions),
                image.path, kind: known.guests)
            return try kind.run(request)
        } catch {
            var failure = UhyveFailure.tender(Self.lines(about: error))
            if case .signal(let number) = error { failure.signal = number }
            throw failure
        }
    }

    private func open(_ kernel: Argument?) throws(UhyveFailure) -> ImageFile {
        let path: String
        do throws(CommandError) {
            path = try kernel?.path ?? ""
        } catch {
            throw .tender(error.lines)
        }
        do throws(ImageError) {
            return try ImageFile(path: path)
        } catch {
            throw .tender([error.description])
        }
    }

    /// Where `uhyve` would look for options.
    private static func configurationFiles(_ environment: [[UInt8]]) -> [String] {
        func directory(_ variable: String, _ rest: String) -> String? {
            guard let value = environment.value(of: variable), !value.isEmpty else { return nil }
            return String(decoding: value, as: UTF8.self) + rest
        }
        let own = directory("XDG_CONFIG_HOME", "") ?? directory("HOME", "/.config")
        return ["uhyve.toml"] + (own.map { ["\($0)/uhyve/uhyve.toml"] } ?? [])
    }

    /// What to tell of an error, with the options' names as they are here.
    private static func lines(about error: TenderError) -> [String] {
        guard case .module(let cause) = error, let option = cause.option,
            let known = UhyveOption.passing(option.name)
        else { return CommandError(error).lines }
        let isNetwork = if case .network = known.meaning { true } else { false }
        let written = OptionValue(
            name: known.name, value: isNetwork ? "tap:\(option.value)" : option.value)
        return ["option \(written.text): \(error.description)"]
    }
}

extension UhyveLine {
    /// The options in the module's words.
    func request(
        _ image: ImageFile, _ environment: [[UInt8]], _ lock: LaunchLock,
        warn: @escaping (String) -> Void
    ) -> GuestRequest {
        var request = GuestRequest(
            image: image, arguments: arguments.map { $0.bytes },
            lock: lock,
            warn: warn)
        for given in options {
            switch given.option.meaning {
            case .memory: request.memory = MemoryArgument.byteSize(given.value)
            case .network:
                request.options.append(
                    OptionValue(name: "net", value: given.networkInterface ?? ""))
            case .passed(let name), .number(let name):
                request.options.append(OptionValue(name: name, value: given.value))
            case .debugger, .idle, .refused: break
            }
        }
        let directory = UhyveOption.temporaryDirectory
        if request.options(named: directory).isEmpty {
            let path = environment.value(of: "TMPDIR").map { String(decoding: $0, as: UTF8.self) }
            request.options.append(
                OptionValue(
                    name: directory, value: path.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"))
        }
        // Up to 0.4.0 `uhyve` passed all of its environment, and later what -e says. Which one is
        // meant here? The earlier one, if the guest is of its time and so is the command line.
        if isOld, HermitMark(image)?.isBefore0_10 ?? false {
            request.options.append(OptionValue(name: "env", value: "host"))
        }
        return request
    }
}

/// Why `uhyve` ends by itself.
struct UhyveFailure: Error, Equatable {
    let lines: [String]
    let exitStatus: Int32
    /// The one that wants the end, if one does.
    var signal: Int32?

    /// The command line is at fault.
    static func usage(_ line: String) -> UhyveFailure {
        UhyveFailure(lines: [line], exitStatus: 2)
    }

    static func unknown(_ option: String, _ hint: String?) -> UhyveFailure {
        usage("unknown option \(option): \(hint ?? "`uhyve --help` lists them")")
    }

    static func tender(_ lines: [String]) -> UhyveFailure {
        UhyveFailure(lines: lines, exitStatus: 1)
    }
}
