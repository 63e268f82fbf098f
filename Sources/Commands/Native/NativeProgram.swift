import Linux
import Programs
import Sandbox
import Tender

/// The native command line: `pinnace COMMAND ...`.
struct NativeProgram {
    /// The name that messages begin with.
    static let name = "pinnace"

    let context: ProgramContext
    /// The personas in this build: programs that this one can stand in for.
    let personas: [any Persona]

    private var streams: Streams { context.streams }
    private var lock: (Sandbox) -> LaunchLock { context.lock }

    /// - Parameter arguments: without the program's name.
    func run(_ arguments: ArraySlice<Argument>) -> Int32 {
        do throws(CommandError) {
            return try dispatch(arguments)
        } catch {
            for line in error.lines {
                streams.complain("\(Self.name): \(Sandbox.explained(line))\n")
            }
            if let signal = error.signal { Signals.end(by: signal) }
            return 1
        }
    }

    private func dispatch(_ arguments: ArraySlice<Argument>) throws(CommandError) -> Int32 {
        guard let first = arguments.first else {
            throw CommandError("no command given: `pinnace --help` lists them")
        }
        let rest = arguments.dropFirst()
        guard !first.isOption else { return try serve(option: first, rest) }
        let registry = context.registry()
        guard let command = Command.named(first.text) else {
            if let persona = personas.running(command: first.text) {
                return run(persona, by: first.text, rest, registry)
            }
            return try run(moduleCommand(first, registry), rest, registry)
        }
        var parsed = command.parser(registry).parse(rest)
        switch parsed.wish {
        case .help: return show(Help.command(command, registry).help)
        case .version: return showVersion()
        case nil: break
        }
        if command.takesModuleOptions { try RunOption.adoptLogFormat(parsed) }
        let chosen = registry.chosen(by: &parsed)
        switch command {
        case .run:
            return try RunCommand(registry: chosen, streams: streams, lock: lock).run(parsed)
        case .check:
            return CheckCommand(registry: chosen, streams: streams, lock: lock).run(parsed)
        case .inspect: return try InspectCommand(registry: chosen, streams: streams).run(parsed)
        case .manifest: return try ManifestCommand(registry: chosen, streams: streams).run(parsed)
        case .manual: return try manual(parsed, registry)
        case .completion: return try completion(parsed, registry)
        case .help: return try help(parsed, registry)
        }
    }

    /// Runs a persona that has a command of its own.
    private func run(
        _ persona: any Persona, by command: String, _ arguments: ArraySlice<Argument>,
        _ registry: Registry
    ) -> Int32 {
        switch arguments.first.flatMap({ OptionParser.wish($0.text) }) {
        case .help: show(Self.help(persona, by: command, registry).help)
        case .version: showVersion()
        case nil:
            persona.run(arguments, as: "\(Self.name) \(command)", in: context)
        }
    }

    private static func help(
        _ persona: any Persona, by command: String, _ registry: Registry
    ) -> CommandDescription {
        var description = persona.description(registry)
        description.name = "\(name) \(command)"
        return description
    }

    private func moduleCommand(
        _ operand: Argument, _ registry: Registry
    ) throws(CommandError) -> ModuleCommand {
        let text = operand.text
        for module in registry.modules {
            if let command = module.commands.first(where: { $0.name == text }) { return command }
        }
        if let module = registry.absent.bringing(command: text) {
            throw CommandError("\(text): \(module.absence)")
        }
        throw unknown(operand, registry.modules)
    }

    private func run(
        _ command: ModuleCommand, _ arguments: ArraySlice<Argument>, _ registry: Registry
    ) throws(CommandError) -> Int32 {
        let parsed = OptionParser(
            options: command.options, endsAtOperand: false, command: "\(Self.name) \(command.name)",
            absent: registry.absent
        ).parse(arguments)
        switch parsed.wish {
        case .help: return show(Help.command(command).help)
        case .version: return showVersion()
        case nil: break
        }
        if let objection = parsed.objections.first { throw objection }
        var operands: [String] = []
        for operand in parsed.operands { operands.append(try operand.path) }
        let request = CommandRequest(
            options: parsed.options, operands: operands, print: streams.print)
        return try wrapping({ CommandError(.module($0)) }) { () throws(ModuleError) in
            try command.run(request)
        }
    }

    private func serve(
        option: Argument, _ rest: ArraySlice<Argument>
    ) throws(CommandError) -> Int32 {
        let text = option.text
        switch OptionParser.wish(text) {
        case .help: return show(Help.program(context.registry(), personas).help)
        case .version: return showVersion()
        case nil: break
        }
        guard let written = WrittenOption(option), written.name == "as", written.device == nil
        else {
            let known = ["as", OptionParser.help.name, OptionParser.version.name]
            let near = WrittenOption(option).flatMap { nearMiss($0.name, among: known) }
            throw CommandError(
                "unknown option \(text): "
                    + (near.map { "did you mean --\($0)?" } ?? "`pinnace --help` lists them"))
        }
        guard let name = written.value ?? rest.first?.text else {
            throw CommandError("option --as needs a value: --as NAME")
        }
        let arguments = written.value == nil ? rest.dropFirst() : rest
        if let status = run(arguments, as: name) { return status }
        let names = personas.flatMap { $0.names }
        throw CommandError(
            "option --as: \(name) is not a program that pinnace can stand in for"
                + (names.isEmpty ? "" : ", only \(Help.alternatives(names))"))
    }

    /// Runs the persona of this name.
    ///
    /// - Returns: nil if there is none.
    func run(_ arguments: ArraySlice<Argument>, as name: String) -> Int32? {
        guard name != Self.name else { return nil }
        if let persona = personas.named(name) {
            return persona.run(arguments, as: name, in: context)
        }
        guard let module = context.registry().absent.bringing(persona: name) else { return nil }
        streams.complain("\(name): \(module.absence)\n")
        return 1
    }

    private func help(
        _ parsed: ParsedArguments, _ registry: Registry
    ) throws(CommandError) -> Int32 {
        if let objection = parsed.objections.first { throw objection }
        guard let operand = parsed.operands.first else {
            return show(Help.program(registry, personas).help)
        }
        if let command = Command.named(operand.text) {
            return show(Help.command(command, registry).help)
        }
        if let persona = personas.running(command: operand.text) {
            return show(Self.help(persona, by: operand.text, registry).help)
        }
        return show(Help.command(try moduleCommand(operand, registry)).help)
    }

    private func unknown(_ command: Argument, _ modules: [RegisteredModule]) -> CommandError {
        let text = command.text
        let isPath = command.bytes.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") }
        let names = modules.commandNames + personas.compactMap { $0.command }
        if !isPath, let near = nearMiss(text, among: names) {
            return CommandError("unknown command \(text): did you mean \(near)?")
        }
        if isPath || (try? ImageFile(path: text)) != nil {
            return CommandError("unknown command \(text): did you mean `pinnace run \(text)`?")
        }
        return CommandError("unknown command \(text): `pinnace --help` lists them")
    }

    func show(_ text: String) -> Int32 {
        streams.print(text)
        return 0
    }

    private func showVersion() -> Int32 {
        show("\(Self.name) \(buildVersion)\n")
    }
}

extension [RegisteredModule] {
    /// The names of all commands, those of modules included.
    fileprivate var commandNames: [String] {
        Command.allCases.map { $0.name } + flatMap { $0.commands.map { $0.name } }
    }
}
