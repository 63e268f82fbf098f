import Linux
import Programs
import Sandbox
import Tender

/// The options of `run` and `check` that belong to no module.
enum RunOption {
    static let memory = OptionSpecification(
        name: "mem", valueName: "N",
        help: "guest memory in MiB, or with K, M or G; by default 512, 64 for Hermit guests")
    static let sandbox = OptionSpecification(
        name: "sandbox", valueName: "MODE",
        help: "how strictly pinnace locks itself in: see below")
    static let user = OptionSpecification(
        name: "user", valueName: "UID[:GID]", help: "for root: whom the guest runs as")
    static let logFormat = OptionSpecification(
        name: "log-format", valueName: "FORMAT",
        help: "text or json: how messages are written to standard error")
    static let hypervisor = OptionSpecification(
        name: "hypervisor", valueName: "NAME",
        help: "the hypervisor to run on; by default the first one whose device is there")

    /// Those that every build has.
    static var all: [OptionSpecification] { [memory, sandbox, user, logFormat] }

    /// Has messages written as the option says, from now on.
    static func adoptLogFormat(_ parsed: ParsedArguments) throws(CommandError) {
        switch parsed.value(of: logFormat) {
        case nil, "text": break
        case "json": StandardError.writeRecords(of: NativeProgram.name)
        case .some(let text):
            throw CommandError("option --log-format: \(text) is none of text, json")
        }
    }

    /// The option for the hypervisor; none if this build has only one back end.
    static func choice(_ registry: Registry) -> [OptionSpecification] {
        registry.choices.isEmpty ? [] : [hypervisor]
    }

    /// Turns the parsed options into a request.
    static func request(_ parsed: ParsedArguments) -> RunRequest {
        var request = RunRequest()
        request.objections = parsed.objections
        if let text = parsed.value(of: memory) {
            request.memory = MemoryArgument.size(text)
            if request.memory == nil {
                request.objections.append(
                    CommandError(
                        MemoryArgument.isNothing(text)
                            ? "option --mem: no guest runs without memory: give at least 2 MiB"
                            : "option --mem: \(text) is not a number of MiB, or one with K, M or G"
                    ))
            }
        }
        if let text = parsed.value(of: sandbox) {
            if let mode = SandboxMode(name: text) {
                request.sandboxMode = mode
            } else {
                request.objections.append(
                    CommandError(
                        "option --sandbox: \(text) is none of "
                            + SandboxMode.names.joined(separator: ", ")))
            }
        }
        if let text = parsed.value(of: user) {
            request.user = User(text)
            if request.user == nil {
                request.objections.append(
                    CommandError("option --user: \(text) is not UID or UID:GID, in numbers"))
            }
        }
        request.options = parsed.options.filter { option in
            !(all + [hypervisor]).contains { $0.name == option.name }
        }
        request.arguments = parsed.operands.dropFirst().map { $0.bytes }
        return request
    }
}

/// An option of `run` and `check`, with the kind of guests that it is for; nil stands for all.
struct OwnedOption {
    let specification: OptionSpecification
    let guests: String?
}

extension Registry {
    /// The registry for the hypervisor that `--hypervisor` names. A value that names none becomes an
    /// objection.
    func chosen(by parsed: inout ParsedArguments) -> Registry {
        guard let choice = parsed.value(of: RunOption.hypervisor) else { return self }
        if let chosen = choosing(choice) { return chosen }
        parsed.objections.append(
            CommandError(
                "option --hypervisor: \(choice) is none of \(choices.joined(separator: ", "))"))
        return self
    }

    /// All options of `run` and `check` in this build. Two kinds of guests may have options of the
    /// same name, of which one takes a device and the other does not.
    var runOptions: [OwnedOption] {
        var options = (RunOption.all + RunOption.choice(self)).map {
            OwnedOption(specification: $0, guests: nil)
        }
        for kind in kinds {
            options += kind.options.map { OwnedOption(specification: $0, guests: kind.name) }
        }
        for module in modules {
            for option in module.manifest.options {
                options.append(
                    OwnedOption(
                        specification: option, guests: option.guests ?? module.manifest.guests))
            }
        }
        return options
    }

    /// The errors for options that are for another kind of guest than this one.
    func objections(to options: [OptionValue], for guests: String) -> [CommandError] {
        // Every launch asks.
        guard !options.isEmpty else { return [] }
        let known = runOptions
        return options.compactMap { option in
            let named = known.filter { $0.specification.name == option.name }
            let own = named.first { ($0.guests ?? guests) == guests }
            let isDevice = !option.device.isEmpty
            if let own, own.specification.takesDevice == isDevice { return nil }
            guard let other = named.first(where: { $0.specification.takesDevice == isDevice })
            else { return nil }
            return CommandError(
                "option \(option.text) is for \(other.guests ?? guests) guests, "
                    + "and this is a \(guests) one"
                    + (own.map { ": \($0.specification.form)" } ?? ""))
        }
    }
}
