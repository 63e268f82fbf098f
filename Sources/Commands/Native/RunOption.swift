import Sandbox
import Tender

/// The core's own options of `run` and `check`.
enum RunOption {
    static let memory = OptionSpecification(
        name: "mem", valueName: "N",
        help: "guest memory in MiB, or with K, M or G; by default 512, 64 for Hermit guests")
    static let executableHeap = OptionSpecification(
        name: "x-exec-heap", help: "lets the guest execute code on its heap and stack")
    static let sandbox = OptionSpecification(
        name: "sandbox", valueName: "MODE",
        help: "\(SandboxMode.names.joined(separator: ", ")): how strictly pinnace locks itself in")
    static let user = OptionSpecification(
        name: "user", valueName: "UID[:GID]", help: "for root: whom the guest runs as")
    /// The names of those that only hvt guests have.
    static var hvtOnly: [String] { [executableHeap.name] }
    static var aboutGuests: [OptionSpecification] { [memory, executableHeap] }
    static var all: [OptionSpecification] { aboutGuests + [sandbox, user] }

    /// What the options say. Those that are wrong go into `objections`.
    static func request(_ parsed: ParsedArguments, objections: inout [CommandError]) -> RunRequest {
        var request = RunRequest()
        objections += parsed.objections
        request.isHeapExecutable = parsed.has(executableHeap)
        if let text = parsed.value(of: memory) {
            request.memory = MemoryArgument.size(text)
            if request.memory == nil {
                objections.append(
                    CommandError(
                        "option --mem: \(text) is not a number of MiB, or one with K, M or G"))
            }
        }
        if let text = parsed.value(of: sandbox) {
            if let mode = SandboxMode(name: text) {
                request.sandboxMode = mode
            } else {
                objections.append(
                    CommandError(
                        "option --sandbox: \(text) is none of "
                            + SandboxMode.names.joined(separator: ", ")))
            }
        }
        if let text = parsed.value(of: user) {
            request.user = User(text)
            if request.user == nil {
                objections.append(
                    CommandError("option --user: \(text) is not UID or UID:GID, in numbers"))
            }
        }
        request.options = parsed.options.filter { option in
            !all.contains { $0.name == option.name }
        }
        request.commandLine = parsed.operands.dropFirst().guestCommandLine
        return request
    }
}

/// An option of `run` and `check`, and the kind of guests that it is for; nil stands for all.
struct OwnedOption {
    let specification: OptionSpecification
    let guests: String?
}

extension [RegisteredModule] {
    /// All options of `run` and `check` in this build. Kinds of guests may have options of the same
    /// name, about a device for one and not for the other.
    var runOptions: [OwnedOption] {
        var options = RunOption.all.map { option in
            OwnedOption(
                specification: option,
                guests: RunOption.hvtOnly.contains(option.name) ? KnownModule.hvtGuests : nil)
        }
        for module in self {
            for option in module.manifest.options {
                let guests = option.isForHVTOnly ? KnownModule.hvtGuests : module.guests
                options.append(OwnedOption(specification: option, guests: guests))
            }
        }
        return options
    }

    /// What is wrong with options that are for another kind of guest than this one.
    func objections(to options: [OptionValue], for guests: String) -> [CommandError] {
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
