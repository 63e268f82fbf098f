import Tender

/// Decodes records by the call table: names, arguments and results.
struct Describer {
    private let calls: CallTable

    struct Description {
        var name: String
        var arguments: [(name: String, value: Value)] = []
        var results: [(name: String, value: Value)] = []
        var measure: CallMeasure?
    }

    init(_ calls: CallTable) {
        self.calls = calls
    }

    /// The row of the record in tables; hypercalls come first.
    func row(_ record: Record) -> Int {
        guard record.kind == .hypercall, let index = calls.index(record.number) else {
            return calls.calls.count + Int(record.kind.rawValue)
        }
        return index
    }

    /// Whether calls of this row are waits of the guest's.
    func isWait(row: Int) -> Bool { row < calls.calls.count && calls.calls[row].isWait }

    /// Whether the call failed, or the guest in it.
    func isFailure(_ record: Record) -> Bool {
        record.result == .fault || description(record).measure?.isError == true
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
        let fields = calls.calls[index].fields
        if !fields.isEmpty {
            describe(record, fields, &description)
        } else {
            description.arguments = [("argument", .address(record.address))]
            if !record.argument.isEmpty {
                description.arguments.append(("bytes", .bytes(record.argument)))
            }
        }
        return description
    }

    private func describe(
        _ record: Record, _ fields: [HypercallField], _ description: inout Description
    ) {
        if record.argument.isEmpty, fields.contains(where: { $0.offset != nil }) {
            // The argument was outside of guest memory: show its address.
            description.arguments.append(("argument", .address(record.address)))
        }
        let isDone = record.result == .resume || record.result == .halt
        let rule = CallRule(fields)
        let measure = CallMeasure(rule, record.argument)
        var outcome: (name: String, value: Value)?
        for field in fields {
            guard let word = record.word(field) else { continue }
            let named = (field.name, Value(word, field))
            if !field.isResult {
                description.arguments.append(named)
            } else if case .outcome = field.meaning {
                outcome = named
            } else if isDone {
                description.results.append(named)
            }
        }
        guard isDone else { return }
        description.measure = measure
        if measure.isError, case .tag(_, _, let code) = rule.check {
            description.results = [("error", .number(record.word(code, 4) ?? 0))]
        } else if description.results.isEmpty, let outcome {
            // Shown only if there are no other results, which imply it.
            description.results = [outcome]
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
    /// - Returns: nil if the record does not hold that part of the argument.
    func word(_ field: HypercallField) -> UInt64? {
        guard let offset = field.offset else {
            // A field of one byte is in the lowest eight bits.
            return field.size == 1 ? address & 0xFF : address
        }
        return field.size == 4 || field.size == 8 ? word(offset, field.size) : nil
    }

    func word(_ offset: Int, _ width: Int) -> UInt64? {
        width == 4 ? argument.word32(at: offset).map { UInt64($0) } : argument.word64(at: offset)
    }
}
