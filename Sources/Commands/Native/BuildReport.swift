import ABI
import Hypervisor
import JSON
import Programs
import Rules
import Tender

extension Registry {
    /// The report on this build, for `manifest`: its versions, modules and options.
    var report: Report {
        // The supported versions of the hvt ABI.
        let abiVersions = [HVT_ABI_VERSION_1, HVT_ABI_VERSION_2]
        let guests = modules.compactMap { $0.guestKind }.map { ", and \($0.name) guests" }
        var report = Report(
            "pinnace.manifest",
            heading: "pinnace \(version), for hvt guests of ABI versions "
                + abiVersions.map { String($0) }.joined(separator: " and ") + guests.joined())
        var core = Report()
        core.begin("core")
        core.add("version", .string(version))
        core.add("abi", .string("hvt"))
        core.add("abiVersions", .array(abiVersions.map { .number(UInt64($0)) }))
        if !choices.isEmpty {
            core.add(
                "hypervisors", .array(choices.map { .string($0) }), as: "hypervisors", choices)
            core.add(
                "hypervisor", .string(backEnd.choice), as: "this is for", [backEnd.device])
        }
        let options = RunOption.all + RunOption.choice(self) + kinds.flatMap { $0.options }
        core.add("options", .array(options.map { $0.json }))
        core.add(systemCalls: backEnd.coreCalls)
        report.add("core", core)
        report.add("modules", modules.map { self.report(on: $0.manifest) })
        return report
    }

    private func report(on module: ModuleManifest) -> Report {
        let numbering = numbering(of: module)
        var report = Report()
        report.begin("\(module.name) (trait \(module.trait)): \(module.summary)")
        report.add("name", .string(module.name))
        report.add("trait", .string(module.trait))
        report.add("summary", .string(module.summary))
        report.add("guests", module.guests.map { .string($0) } ?? .null)
        report.add(
            "hypercalls", .array(module.hypercalls.map { $0.json(numbering) }), as: "hypercalls",
            module.hypercalls.flatMap { $0.lines(numbering) })
        let devices = module.devices.map { $0.description }
        report.add("devices", .array(devices.map { .string($0) }), as: "devices", devices)
        report.add(
            "options", .array(module.options.map { $0.json }), as: "options",
            module.options.map { $0.form })
        report.add(systemCalls: backEnd.calls(of: module))
        return report
    }
}

extension Report {
    fileprivate mutating func add(systemCalls: [SystemCallSpecification]) {
        add(
            "systemCalls", .array(systemCalls.map { $0.json }), as: "system calls",
            systemCalls.map { $0.line })
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
        let location = offset.map { "at \($0)" } ?? "in place of an address"
        return "\(name): \(meaning.name), \(size) byte\(size == 1 ? "" : "s") \(location), "
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
