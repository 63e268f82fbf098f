/// Says in words what records hold.
struct Describer {
    private let calls: CallTable
    private let shapes: [CallShape?]

    struct Description {
        var name: String
        var arguments: [(name: String, value: Value)] = []
        var results: [(name: String, value: Value)] = []
        var measure: CallMeasure?
    }

    init(_ calls: CallTable, isForeign: Bool) {
        self.calls = calls
        shapes = calls.calls.map { CallShape.of($0.number, isForeign: isForeign) }
    }

    /// Whose row of a table the record belongs in; those of hypercalls come first.
    func row(_ record: Record) -> Int {
        guard record.kind == .hypercall, let index = calls.index(record.number) else {
            return calls.calls.count + Int(record.kind.rawValue)
        }
        return index
    }

    /// The names of all rows.
    var rowNames: [String] { Totals.names(calls.calls) }

    func description(_ record: Record) -> Description {
        guard record.kind == .hypercall else { return exit(record) }
        guard let index = calls.index(record.number) else {
            return Description(
                name: "hypercall-\(record.number)",
                arguments: [("argument", .address(record.address))])
        }
        var description = Description(name: calls.calls[index].name)
        if let shape = shapes[index] {
            describe(record, shape, &description)
        } else {
            description.arguments = [("argument", .address(record.address))]
            if !record.argument.isEmpty {
                description.arguments.append(("bytes", .bytes(record.argument)))
            }
        }
        return description
    }

    private func describe(_ record: Record, _ shape: CallShape, _ description: inout Description) {
        if let value = shape.value {
            // A byte is what the lowest eight bits are.
            let word = shape.value?.name == "byte" ? record.address & 0xFF : record.address
            description.arguments.append((value.name, Value(word, 4, value.meaning)))
        }
        if record.argument.isEmpty, !shape.fields.isEmpty {
            // It was not in memory: where it was meant to be.
            description.arguments.append(("argument", .address(record.address)))
        }
        let isDone = record.result == .resume || record.result == .halt
        let measure = CallMeasure(shape.rule, record.argument)
        for field in shape.fields {
            guard let word = record.word(field.offset, field.width) else { continue }
            let value = Value(word, field.width, field.meaning)
            if !field.isResult {
                description.arguments.append((field.name, value))
            } else if isDone {
                description.results.append((field.name, value))
            }
        }
        guard isDone else { return }
        description.measure = measure
        if measure.isError, case .tag(_, _, let code) = shape.rule.check {
            description.results = [("error", .number(record.word(code, 4) ?? 0))]
        }
    }

    private func exit(_ record: Record) -> Description {
        var description = Description(name: record.kind.name)
        switch record.kind {
        case .portWrite, .portRead, .portString:
            description.arguments.append(("port", .address(UInt64(clamping: record.number))))
        case .mmioWrite, .mmioRead, .memoryFault:
            description.arguments.append(("address", .address(record.address)))
        case .entryFailure, .internalError, .unknown:
            description.arguments.append(("reason", .address(record.address)))
        case .hypercall, .halt, .shutdown, .debug, .interrupted: break
        }
        if record.width > 0 {
            description.arguments.append(("width", .number(UInt64(record.width))))
        }
        if let value = record.argument.word64(at: 0) {
            description.arguments.append(("value", .address(value)))
        }
        return description
    }
}

extension Record {
    func word(_ offset: Int, _ width: Int) -> UInt64? {
        width == 4 ? argument.word32(at: offset).map { UInt64($0) } : argument.word64(at: offset)
    }
}
