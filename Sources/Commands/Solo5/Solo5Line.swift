import Programs
import Sandbox
import Tender

/// A command line of `solo5-hvt`: `[options] [--] KERNEL [ARG...]`.
///
/// It is parsed twice, since options name devices of the kernel's manifest: first for the kernel,
/// and then, in `request`, for the options.
struct Solo5Line {
    enum Wish {
        case run, version
    }

    let wish: Wish
    let kernel: Argument
    private let options: ArraySlice<Argument>
    private let guestArguments: ArraySlice<Argument>

    /// - Parameter arguments: without the program's name.
    init(_ arguments: ArraySlice<Argument>) throws(CommandError) {
        var end = arguments.startIndex
        while end < arguments.endIndex, arguments[end].isOption {
            let text = arguments[end].text
            if text == "--" { break }
            if text == "--help" || text == "-h" { throw .usage() }
            if text == "--version" {
                self.init(wish: .version, kernel: arguments[end], options: [], guestArguments: [])
                return
            }
            end += 1
        }
        let isTerminated = end < arguments.endIndex && arguments[end].isOption
        let rest = arguments[end...].dropFirst(isTerminated ? 1 : 0)
        guard let kernel = rest.first else { throw .usage("Missing KERNEL operand") }
        self.init(
            wish: .run, kernel: kernel, options: arguments[..<end],
            guestArguments: rest.dropFirst())
    }

    private init(
        wish: Wish, kernel: Argument, options: ArraySlice<Argument>,
        guestArguments: ArraySlice<Argument>
    ) {
        self.wish = wish
        self.kernel = kernel
        self.options = options
        self.guestArguments = guestArguments
    }

    /// Parses the options.
    ///
    /// - Parameter program: the name that messages begin with.
    /// - Throws: at the first option that is not valid.
    func request(
        _ program: String, _ registry: Registry
    ) throws(CommandError) -> RunRequest {
        var request = RunRequest(program: program, standsIn: true)
        for argument in options {
            guard let option = WrittenOption(argument) else { throw .invalid(argument.text) }
            if option.name == "mem", option.device == nil, let value = option.value {
                guard let bytes = MemoryArgument.mebibytes(value) else {
                    throw CommandError("Malformed argument to --mem")
                }
                request.memory = bytes
            } else if option.name == RunOption.sandbox.name, option.device == nil {
                // The reference has no such option. It is needed under a seccomp policy that
                // refuses the sandbox.
                guard let mode = option.value.flatMap({ SandboxMode(name: $0) }) else {
                    throw .invalid(argument.text)
                }
                request.sandboxMode = mode
            } else if let value = Self.value(option, registry.modules) {
                request.options.append(value)
            } else if argument.text == "--no-net-ring" {
                // Without module net, there is no network ring.
                continue
            } else if let absent = Solo5Program.absence(of: option, as: program, registry) {
                throw .invalid(argument.text, because: [absent])
            } else {
                throw .invalid(argument.text)
            }
        }
        request.arguments = guestArguments.map { $0.bytes }
        return request
    }

    /// A module's option; nil if no module has it in this form.
    private static func value(
        _ option: WrittenOption, _ modules: [RegisteredModule]
    ) -> OptionValue? {
        for module in modules {
            for known in module.manifest.options
            where known.name == option.name && !known.isNativeOnly {
                guard known.takesDevice == (option.device != nil),
                    option.device.map(isDeviceName) ?? true,
                    (known.valueName != nil && !known.isValueOptional) == (option.value != nil),
                    option.value.map({ !$0.isEmpty }) ?? true
                else { return nil }
                return OptionValue(
                    name: option.name, device: option.device ?? "", value: option.value ?? "")
            }
        }
        return nil
    }
}
