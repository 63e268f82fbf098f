import Programs
import Tender

/// A command line of `uhyve`: `[OPTIONS] KERNEL [ARGS]`.
///
/// Options are `--name value`, `--name=value`, `-n value`, `-nvalue` and `-n=value`; letters of
/// flags can be joined. Options can be anywhere before the first `--`, also after KERNEL. That
/// `--` is dropped, and all that follows is operands; a lone `-` is an operand, too.
struct UhyveLine {
    enum Wish {
        case help, version
    }

    struct Given {
        let option: UhyveOption
        /// Empty for a flag.
        let value: String
        /// The source for messages: an option, an environment variable, or a line of a file.
        let name: String
    }

    /// The text to show instead of a run (`--help`, `--version`); nil to run the kernel.
    private(set) var wish: Wish?
    private(set) var options: [Given] = []
    private(set) var kernel: Argument?
    private(set) var arguments: [Argument] = []

    /// - Parameter arguments: without the program's name.
    init(_ arguments: ArraySlice<Argument>) throws(CommandError) {
        var rest = arguments
        while wish == nil, let argument = rest.popFirst() {
            if argument.text == "--" {
                rest.forEach { take(operand: $0) }
                break
            } else if !argument.isUhyveOption {
                take(operand: argument)
            } else if let written = WrittenLongOption(argument) {
                try take(written, &rest)
            } else {
                try takeLetters(argument, &rest)
            }
        }
        guard wish != nil || kernel != nil else {
            throw .usage("no KERNEL given: uhyve [OPTIONS] KERNEL [ARGS]")
        }
    }

    /// Adds options from environment variables, unless they are given already.
    mutating func addVariables(_ environment: [[UInt8]]) throws(CommandError) {
        for option in UhyveOption.all {
            guard let name = option.variable, !has(option),
                let bytes = environment.value(of: name)
            else { continue }
            guard let value = String(validating: bytes, as: UTF8.self) else {
                throw .usage("environment variable \(name): its value is not UTF-8")
            }
            try add(Given(option: option, value: value, name: "environment variable \(name)"))
        }
    }

    /// Adds options from a configuration file, unless they are given already. Repeatable ones are
    /// added before those given, so that a given variable for the guest prevails.
    mutating func addBeneath(_ configured: [Given]) throws(CommandError) {
        let given = options
        options = []
        for value in configured
        where value.option.isRepeatable
            || !given.contains(where: { $0.option.name == value.option.name })
        {
            try add(value)
        }
        options += given
    }

    /// Whether version 0.2.1 had all options of this command line.
    var isOld: Bool { options.allSatisfy { $0.option.isOld } }

    /// The options of module Gdb, if a debugger is requested.
    var debuggerOptions: [OptionValue] {
        for given in options {
            guard case .debugger = given.option.meaning else { continue }
            return [
                OptionValue(name: UhyveOption.debugger),
                OptionValue(name: UhyveOption.debuggerPort, value: given.value),
            ]
        }
        return []
    }

    private func has(_ option: UhyveOption) -> Bool {
        options.contains { $0.option.name == option.name }
    }

    /// The default port for a debugger.
    private static let debuggerPort = "6677"

    private mutating func take(operand: Argument) {
        if kernel == nil { kernel = operand } else { arguments.append(operand) }
    }

    // MARK: Options

    private mutating func take(
        _ written: WrittenLongOption, _ rest: inout ArraySlice<Argument>
    ) throws(CommandError) {
        let known = UhyveOption.all + [UhyveOption.help, UhyveOption.version]
        guard let option = known.first(where: { $0.name == written.name }) else {
            let near = nearMiss(written.name, among: known.map { $0.name })
            throw unknown("--\(written.name)", near.map { "did you mean --\($0)?" })
        }
        guard written.value == nil || option.valueName != nil else {
            throw .usage("option --\(option.name) takes no value")
        }
        let name = "option --\(option.name)"
        var value: String?
        if let bytes = written.value { value = try Self.text(bytes, name: name) }
        try give(option, value, name: name, &rest)
    }

    /// `-abc`: flags, of which the last may be an option with a value.
    private mutating func takeLetters(
        _ argument: Argument, _ rest: inout ArraySlice<Argument>
    ) throws(CommandError) {
        var letters = argument.bytes.dropFirst()
        while wish == nil, let letter = letters.popFirst() {
            let name = "-\(String(decoding: [letter], as: UTF8.self))"
            let known = UhyveOption.all + [UhyveOption.help, UhyveOption.version]
            guard let option = known.first(where: { $0.letter == letter }) else {
                throw unknown(letters.isEmpty ? name : "\(name) in \(argument.text)", nil)
            }
            var value: String?
            if option.valueName != nil, !letters.isEmpty {
                if letters.first == UInt8(ascii: "=") { letters.removeFirst() }
                value = try Self.text(letters, name: "option \(name)")
                letters = []
            }
            try give(option, value, name: "option \(name)", &rest)
        }
    }

    /// - Parameter rest: the arguments that follow; the option's value is taken from it if needed.
    private mutating func give(
        _ option: UhyveOption, _ value: String?, name: String, _ rest: inout ArraySlice<Argument>
    ) throws(CommandError) {
        if option.name == UhyveOption.help.name {
            wish = .help
            return
        }
        if option.name == UhyveOption.version.name {
            wish = .version
            return
        }
        if !option.isRepeatable, has(option) { throw .usage("\(name) is given twice") }
        var value = value
        if let valueName = option.valueName, value == nil {
            // Refused with or without a value.
            if case .refused = option.meaning {
                value = ""
            } else if case .debugger = option.meaning,
                rest.first.map({ UInt16($0.text) == nil }) ?? true
            {
                value = Self.debuggerPort
            } else if let next = rest.first, !next.isUhyveOption {
                value = try Self.text(next.bytes[...], name: name)
                rest.removeFirst()
            } else {
                throw .usage("\(name) needs a value: --\(option.name)=\(valueName)")
            }
        }
        try add(Given(option: option, value: value ?? "", name: name))
    }

    private func unknown(_ option: String, _ hint: String?) -> CommandError {
        let usual =
            kernel == nil ? "`uhyve --help` lists them" : "arguments for the guest follow `--`"
        return .usage("unknown option \(option): \(hint ?? usual)")
    }

    private mutating func add(_ given: Given) throws(CommandError) {
        let option = given.option
        switch option.meaning {
        case .refused(let advice):
            throw .usage("\(given.name) is not supported: \(advice)")
        case .idle(let values) where !values.isEmpty && !values.contains(given.choice):
            throw .usage("\(given.name): \(given.value) is not \(option.valueName ?? "")")
        case .choice(_, let values) where !values.contains(given.choice):
            throw .usage(
                "\(given.name): \(given.value) is not \(values.joined(separator: "|"))")
        case .memory:
            try Self.checkMemory(given)
            options.append(given)
        case .number where UInt32(given.value).map({ $0 == 0 }) ?? true:
            throw .usage("\(given.name): \(given.value) is not a number above 0")
        case .debugger where UInt16(given.value) == nil:
            throw .usage("\(given.name): \(given.value) is not a port, 0 to 65535")
        case .network where given.networkInterface == nil:
            throw .usage("\(given.name): \(given.value) is not tap or tap:IFACE")
        case .passed where option.valueName != nil && given.value.isEmpty,
            .list where option.valueName != nil && given.value.isEmpty,
            .configuration where given.value.isEmpty:
            throw .usage("\(given.name) needs a value: --\(option.name)=\(option.valueName ?? "")")
        default:
            options.append(given)
        }
    }

    /// Checks the memory size as `uhyve` does before it reads the kernel.
    private static func checkMemory(_ given: Given) throws(CommandError) {
        guard let size = ByteCount.parse(given.value) else {
            throw .usage("\(given.name): \(given.value) is not a size such as 64MiB or 4G")
        }
        guard size >= 16 << 20, size % (2 << 20) == 0 else {
            throw .usage(
                "\(given.name): guest memory of \(ByteCount.text(size)): Hermit guests need a multiple of "
                    + "2 MiB, at least 16 MiB")
        }
    }

    private static func text(
        _ bytes: ArraySlice<UInt8>, name: String
    ) throws(CommandError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .usage("\(name): its value is not UTF-8")
        }
        return text
    }
}

extension Argument {
    /// Whether this is an option: it begins with a dash, and is not a lone one.
    fileprivate var isUhyveOption: Bool { isOption && bytes.count > 1 }
}

extension UhyveLine.Given {
    /// The value normalised for a list of choices: lowercase, without blanks.
    fileprivate var choice: String {
        let bytes = value.utf8.filter { $0 != UInt8(ascii: " ") }.map { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value as passed to the module.
    var passedValue: String {
        switch option.meaning {
        case .choice: choice
        // `uhyve` accepts exactly "none" and "None".
        case .passed("output") where value == "None": "none"
        default: value
        }
    }

    /// The interface in `tap` (tap10) or `tap:IFACE`; nil for any other value.
    var networkInterface: String? {
        if value == "tap" { return "tap10" }
        let prefix = Array("tap:".utf8)
        guard value.utf8.starts(with: prefix), value.utf8.count > prefix.count else { return nil }
        return String(decoding: value.utf8.dropFirst(prefix.count), as: UTF8.self)
    }
}

/// `--name` or `--name=value`. Unlike in pinnace's own options, a colon is not special. Underscores
/// are taken as dashes: `uhyve --help` has the example `--env_vars`.
private struct WrittenLongOption {
    let name: String
    let value: ArraySlice<UInt8>?

    /// - Returns: nil if the argument does not have this form.
    init?(_ argument: Argument) {
        let dash = UInt8(ascii: "-")
        guard argument.bytes.starts(with: [dash, dash]) else { return nil }
        let text = argument.bytes.dropFirst(2)
        let end = text.firstIndex(of: UInt8(ascii: "=")) ?? text.endIndex
        let dashed = text[..<end].map { $0 == UInt8(ascii: "_") ? dash : $0 }
        name = String(decoding: dashed, as: UTF8.self)
        value = end == text.endIndex ? nil : text[(end + 1)...]
    }
}

extension [[UInt8]] {
    /// The value of a variable in this environment; nil if it is not set.
    func value(of name: String) -> ArraySlice<UInt8>? {
        let start = Array<UInt8>(name.utf8) + [UInt8(ascii: "=")]
        return first { $0.starts(with: start) }?.dropFirst(start.count)
    }
}
