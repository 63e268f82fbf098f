import Sandbox
import Tender

/// The program's own command line: `pinnace COMMAND ...`.
struct NativeProgram {
    /// What messages begin with.
    static let name = "pinnace"

    let modules: () -> [RegisteredModule]
    let streams: Streams
    /// Each reads NAME=VALUE.
    let environment: () -> [[UInt8]]
    let lock: (Sandbox) -> LaunchLock

    /// - Parameter arguments: without the program's name.
    func run(_ arguments: ArraySlice<Argument>) -> Int32 {
        do throws(CommandError) {
            return try dispatch(arguments)
        } catch {
            for line in error.lines { streams.complain("\(Self.name): \(line)\n") }
            return 1
        }
    }

    private func dispatch(_ arguments: ArraySlice<Argument>) throws(CommandError) -> Int32 {
        guard let first = arguments.first else {
            throw CommandError("no command given: `pinnace --help` lists them")
        }
        let rest = arguments.dropFirst()
        guard !first.isOption else { return try serve(option: first, rest) }
        guard let command = Command.named(first.text) else { throw unknown(first) }

        let modules = modules()
        let parsed = command.parser(modules).parse(rest)
        switch parsed.wish {
        case .help: return show(Help.command(command, modules))
        case .version: return showVersion()
        case nil: break
        }
        switch command {
        case .run: return try RunCommand(modules: modules, streams: streams, lock: lock).run(parsed)
        case .check: return CheckCommand(modules: modules, streams: streams).run(parsed)
        case .inspect: return try InspectCommand(modules: modules, streams: streams).run(parsed)
        case .manifest: return try ManifestCommand(modules: modules, streams: streams).run(parsed)
        case .help: return try help(parsed, modules)
        }
    }

    private func serve(
        option: Argument, _ rest: ArraySlice<Argument>
    ) throws(CommandError) -> Int32 {
        let text = option.text
        if text == OptionParser.help.form { return show(Help.program) }
        if text == OptionParser.version.form { return showVersion() }
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
        if Solo5Program.names.contains(name) {
            return Solo5Program(name: name, modules: modules, streams: streams, lock: lock)
                .run(arguments)
        }
        if name == StandIn.uhyve {
            return StandIn.runAsUhyve(arguments, modules, streams, environment, lock)
        }
        throw CommandError("option --as: \(name) is not a program that pinnace can stand for")
    }

    private func help(
        _ parsed: ParsedArguments, _ modules: [RegisteredModule]
    ) throws(CommandError) -> Int32 {
        if let objection = parsed.objections.first { throw objection }
        guard let operand = parsed.operands.first else { return show(Help.program) }
        guard let command = Command.named(operand.text) else { throw unknown(operand) }
        return show(Help.command(command, modules))
    }

    private func unknown(_ command: Argument) -> CommandError {
        let text = command.text
        let isPath = command.bytes.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") }
        if !isPath, let near = nearMiss(text, among: Command.allCases.map { $0.name }) {
            return CommandError("unknown command \(text): did you mean \(near)?")
        }
        if isPath || (try? ImageFile(path: text)) != nil {
            return CommandError("unknown command \(text): did you mean `pinnace run \(text)`?")
        }
        return CommandError("unknown command \(text): `pinnace --help` lists them")
    }

    private func show(_ text: String) -> Int32 {
        streams.print(text)
        return 0
    }

    private func showVersion() -> Int32 {
        show("\(Self.name) \(version)\n")
    }
}
