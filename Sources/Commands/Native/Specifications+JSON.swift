import JSON
import Rules
import Tender

extension OptionSpecification {
    var json: JSON {
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

extension HypercallSpecification {
    func json(_ numbering: HypercallNumbering) -> JSON {
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
    var json: JSON {
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
    var json: JSON {
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
