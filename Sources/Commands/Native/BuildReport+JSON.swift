import Hypervisor
import JSON
import Programs
import Rules
import Tender

extension BuildReport {
    var json: JSON {
        .object([
            ("type", .string("pinnace.manifest")),
            ("version", .number(1)),
            (
                "core",
                .object([
                    ("version", .string(version)),
                    ("abi", .string("hvt")),
                    ("abiVersions", .array(Self.abiVersions.map { .number(UInt64($0)) })),
                    ("options", .array(options.map { $0.json })),
                    ("systemCalls", .array(registry.backEnd.coreCalls.map { $0.json })),
                ])
            ),
            (
                "modules",
                .array(
                    registry.modules.map {
                        $0.json(on: registry.backEnd, registry.numbering(of: $0.manifest))
                    })
            ),
        ])
    }

    /// The options that belong to no module.
    private var options: [OptionSpecification] {
        RunOption.all + registry.kinds.flatMap { $0.options }
    }
}

extension OptionSpecification {
    fileprivate var json: JSON {
        .object([
            ("form", .string(form)),
            ("name", .string(name)),
            ("takesDevice", .boolean(takesDevice)),
            ("value", valueName.map { .string($0) } ?? .null),
            ("help", .string(help)),
            ("solo5", .boolean(!isNativeOnly)),
        ])
    }
}

extension RegisteredModule {
    fileprivate func json(on backEnd: BackEnd, _ numbering: HypercallNumbering) -> JSON {
        .object([
            ("name", .string(manifest.name)),
            ("trait", .string(manifest.trait)),
            ("summary", .string(manifest.summary)),
            ("guests", manifest.guests.map { .string($0) } ?? .null),
            ("hypercalls", .array(manifest.hypercalls.map { $0.json(numbering) })),
            ("devices", .array(manifest.devices.map { .string($0.description) })),
            ("options", .array(manifest.options.map { $0.json })),
            ("systemCalls", .array(backEnd.calls(of: manifest).map { $0.json })),
        ])
    }
}

extension HypercallSpecification {
    fileprivate func json(_ numbering: HypercallNumbering) -> JSON {
        .object([
            ("number", numbering == .port ? .null : .number(UInt64(clamping: number))),
            ("name", .string(name)),
            ("port", .number(numbering.trigger(of: number))),
            ("argumentSize", .number(UInt64(clamping: argumentSize))),
            ("fields", .array(fields.map { $0.json })),
        ])
    }
}

extension HypercallField {
    fileprivate var json: JSON {
        .object([
            ("name", .string(name)),
            ("type", .string(meaning.name)),
            ("direction", .string(direction.name)),
            ("offset", offset.map { .number(UInt64(clamping: $0)) } ?? .null),
            ("size", .number(UInt64(clamping: size))),
            ("length", length.map { .string($0) } ?? .null),
        ])
    }
}

extension SystemCallSpecification {
    fileprivate var json: JSON {
        let conditions = conditions.map { condition -> JSON in
            switch condition {
            case .descriptor(let argument, let role):
                .object([
                    ("argument", .number(UInt64(clamping: argument))),
                    ("descriptor", .string(role.description)),
                ])
            case .number(let argument, let role):
                .object([
                    ("argument", .number(UInt64(clamping: argument))),
                    ("number", .string(role.description)),
                ])
            case .masked(let argument, let role, let freeBits):
                .object([
                    ("argument", .number(UInt64(clamping: argument))),
                    ("number", .string(role.description)),
                    ("mask", .number(~freeBits)),
                ])
            case .equals(let argument, let value, let name):
                .object([
                    ("argument", .number(UInt64(clamping: argument))),
                    ("value", .number(value)),
                    ("meaning", .string(name)),
                ])
            }
        }
        return .object([
            ("name", .string(name)), ("conditions", .array(conditions)),
            ("need", need.map { .string($0.description) } ?? .null),
        ])
    }
}
