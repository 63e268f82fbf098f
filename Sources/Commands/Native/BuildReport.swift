import ABI
import Hypervisor
import Programs
import Rules
import Tender

/// Describes this build: its versions, modules and options.
struct BuildReport {
    let registry: Registry

    /// The supported versions of the hvt ABI.
    static let abiVersions = [HVT_ABI_VERSION_1, HVT_ABI_VERSION_2]
}

extension BuildReport {
    var text: String {
        let versions = Self.abiVersions.map { String($0) }.joined(separator: " and ")
        var text = "pinnace \(version), for hvt guests of ABI versions \(versions)"
        for module in registry.modules {
            if let kind = module.guestKind { text += ", and \(kind.name) guests" }
        }
        text += "\n\ncore\n"
        text += columns(Self.titled("system calls", registry.backEnd.coreCalls.map { $0.line }))
        for module in registry.modules.map({ $0.manifest }) {
            text += "\n\(module.name) (trait \(module.trait)): \(module.summary)\n"
            text += columns(
                Self.titled(
                    "hypercalls",
                    module.hypercalls.flatMap { $0.lines(registry.numbering(of: module)) })
                    + Self.titled("devices", module.devices.map { $0.description })
                    + Self.titled("options", module.options.map { $0.form })
                    + Self.titled(
                        "system calls", registry.backEnd.calls(of: module).map { $0.line }))
        }
        return text
    }

    private static func titled(_ title: String, _ lines: [String]) -> [(String, String)] {
        lines.enumerated().map { ($0.offset == 0 ? title : "", $0.element) }
    }
}

extension Registry {
    /// The numbering of hypercalls by the guests that a module serves.
    func numbering(of module: ModuleManifest) -> HypercallNumbering {
        kinds.first { $0.name == module.guests }?.numbering ?? .port
    }
}

extension HypercallSpecification {
    /// The hypercall, followed by its fields.
    fileprivate func lines(_ numbering: HypercallNumbering) -> [String] {
        let argument = argumentSize == 0 ? "no argument" : "argument of \(argumentSize) bytes"
        let line =
            (numbering == .port ? "" : "\(number) ")
            + "\(name), port \(hexadecimal(numbering.trigger(of: number))), \(argument)"
        return [line] + fields.map { "  " + $0.line }
    }
}

extension HypercallField {
    fileprivate var line: String {
        let place = offset.map { "at \($0)" } ?? "in place of an address"
        return "\(name): \(meaning.name), \(size) byte\(size == 1 ? "" : "s") \(place), "
            + direction.name + (length.map { ", of \($0) bytes" } ?? "")
    }
}

extension HypercallField.Direction {
    var name: String {
        switch self {
        case .input: "in"
        case .output: "out"
        case .both: "in and out"
        }
    }
}

extension HypercallField.Meaning {
    var name: String {
        switch self {
        case .number: "number"
        case .signed: "signed number"
        case .address: "address"
        case .buffer: "buffer"
        case .string: "string"
        case .array: "array"
        case .duration: "nanoseconds"
        case .date: "nanoseconds since 1970"
        case .handles: "set of handles"
        case .status: "status"
        case .openFlags: "open flags"
        case .mode: "file mode"
        case .count: "count of bytes"
        case .result: "result or error"
        case .countOrError: "count of bytes or error"
        case .outcome: "outcome"
        }
    }
}

extension SystemCallSpecification {
    fileprivate var line: String {
        var text = name
        if !conditions.isEmpty {
            let words = conditions.map { condition in
                switch condition {
                case .descriptor(let argument, let role), .number(let argument, let role),
                    .masked(let argument, let role, _):
                    "argument \(argument) is \(role)"
                case .equals(let argument, _, let value): "argument \(argument) is \(value)"
                }
            }
            text += ", if \(words.joined(separator: " and "))"
        }
        if let need { text += ", with \(need)" }
        return text
    }
}
