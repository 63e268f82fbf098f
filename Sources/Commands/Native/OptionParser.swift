import Programs
import Tender

/// A command's parsed arguments.
struct ParsedArguments {
    var options: [OptionValue] = []
    var operands: [Argument] = []
    /// The errors, in order.
    var objections: [CommandError] = []
    /// Help or version, if asked for instead of the command.
    var wish: Wish?
    /// The last option whose value was the next argument, which may have been meant otherwise.
    var taken: (option: String, value: String)?

    enum Wish {
        case help, version
    }

    /// Why there is no guest: `usage` says what was expected.
    func noGuest(_ usage: String) -> CommandError {
        guard let taken else { return CommandError("no GUEST given: \(usage)") }
        return CommandError(
            "no GUEST given: `\(taken.option)` took \(quoted(taken.value)) as its value")
    }

    func has(_ option: OptionSpecification) -> Bool {
        options.contains { $0.name == option.name }
    }

    func value(of option: OptionSpecification) -> String? {
        options.first { $0.name == option.name }?.value
    }
}

/// The option grammar of `pinnace` commands: `--name`, `--name=value`, `--name value`, and for
/// options that take a device `--name:device=value` and `--name:device value`. Most may be given
/// only once (for each device); `--` ends the options.
struct OptionParser {
    /// The command's options, besides --help and --version.
    let options: [OptionSpecification]
    /// Whether the first operand ends the options, since the arguments after it are the guest's.
    let endsAtOperand: Bool
    /// The command's name, for messages.
    let command: String
    /// Modules that were not built in; options of theirs are named in messages.
    let absent: [KnownModule]

    static let help = OptionSpecification(name: "help", help: "shows this text")
    /// -h, which is --help.
    static let helpLetter = UInt8(ascii: "h")
    static let version = OptionSpecification(name: "version", help: "shows the version")

    func parse(_ arguments: ArraySlice<Argument>) -> ParsedArguments {
        var parsed = ParsedArguments()
        var rest = arguments
        while let argument = rest.popFirst() {
            let text = argument.text
            if text == "--" {
                parsed.operands += rest
                break
            }
            if !argument.isOption {
                parsed.operands.append(argument)
                if endsAtOperand {
                    parsed.operands += rest
                    break
                }
                continue
            }
            if let wish = Self.wish(text) {
                parsed.wish = wish
                break
            }
            do throws(CommandError) {
                let count = rest.count
                let option = try interpret(argument, &rest, after: parsed.options)
                if rest.count < count { parsed.taken = (text, option.value) }
                parsed.options.append(option)
            } catch {
                parsed.objections.append(error)
                // For an unknown option, the next argument may or may not be its value: stop here.
                if specification(of: argument) == nil, WrittenOption(argument)?.value == nil {
                    break
                }
            }
        }
        return parsed
    }

    /// What an argument asks for instead of the command.
    static func wish(_ argument: String) -> ParsedArguments.Wish? {
        switch argument {
        case "--help", "-h": .help
        case "--version": .version
        default: nil
        }
    }

    private func specification(of argument: Argument) -> OptionSpecification? {
        guard let written = WrittenOption(argument) else { return nil }
        let named = options.filter { $0.name == written.name }
        // Two options may share a name if only one of them takes a device.
        return named.first { $0.takesDevice == (written.device != nil) } ?? named.first
    }

    /// - Parameter rest: the arguments that follow, of which the option's value is taken if needed.
    private func interpret(
        _ argument: Argument, _ rest: inout ArraySlice<Argument>, after earlier: [OptionValue]
    ) throws(CommandError) -> OptionValue {
        guard let written = WrittenOption(argument), let option = specification(of: argument)
        else { throw unknown(argument) }
        let value = try value(of: option, written, &rest)
        if let device = written.device {
            guard option.takesDevice else {
                throw CommandError("option --\(option.name) is not about a device: \(option.form)")
            }
            guard isDeviceName(device) else {
                throw CommandError(
                    "option \(argument.text): a device's name is 1 to 67 letters and digits")
            }
        } else if option.takesDevice {
            throw CommandError("option --\(option.name) needs a device: \(option.form)")
        }
        let device = written.device ?? ""
        if !option.isRepeatable,
            earlier.contains(where: { $0.name == option.name && $0.device == device })
        {
            throw CommandError(
                "option \(OptionValue(name: option.name, device: device).text) is given twice")
        }
        return OptionValue(name: option.name, device: device, value: value)
    }

    private func value(
        of option: OptionSpecification, _ written: WrittenOption,
        _ rest: inout ArraySlice<Argument>
    ) throws(CommandError) -> String {
        guard option.valueName != nil else {
            guard written.value == nil else {
                throw CommandError("option --\(option.name) takes no value")
            }
            return ""
        }
        var value = written.value
        if value == nil, option.isValueOptional { return "" }
        if value == nil, let next = rest.first, !next.isOption {
            guard let text = String(validating: next.bytes, as: UTF8.self) else {
                rest = rest.dropFirst()
                throw CommandError("option --\(option.name): its value is not UTF-8")
            }
            value = text
            rest = rest.dropFirst()
        }
        guard let value, !value.isEmpty else {
            throw CommandError("option --\(option.name) needs a value: \(option.form)")
        }
        return value
    }

    private func unknown(_ argument: Argument) -> CommandError {
        let names = (options + [Self.help, Self.version]).map { $0.name }
        if let written = WrittenOption(argument) {
            // An option of a module that was not built in.
            if let module = absent.offering(written.name) {
                return CommandError("unknown option \(argument.text): \(module.absence)")
            }
            if let name = nearMiss(written.name, among: names) {
                return CommandError("unknown option \(argument.text): did you mean --\(name)?")
            }
        }
        return CommandError(
            "unknown option \(argument.text): `\(command) --help` lists those of this build")
    }
}
