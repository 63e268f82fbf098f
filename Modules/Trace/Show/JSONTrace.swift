import JSON

/// A trace as one JSON document, one record a line. Times are in nanoseconds.
enum JSONTrace {
    static func write(_ recording: Recording, to output: TextOutput) {
        let header = recording.header
        let head = JSON.object([
            ("guest", .string(header.guests)), ("cpus", .number(UInt64(header.cpuCount))),
            ("start", .number(header.startRealTime)), ("duration", .number(recording.duration)),
            ("end", .string(name(header.end))),
            ("status", header.end == .halt ? .decimal(String(header.exitStatus)) : .null),
            ("lost", .number(recording.lost)), ("damaged", .number(UInt64(recording.damaged))),
        ])
        output.write(head.line.dropLast() + ", \"records\": [")
        let start = recording.start
        var isFirst = true
        recording.forEach { record in
            output.write((isFirst ? "\n" : ",\n") + json(record, start, recording.describer).line)
            isFirst = false
        }
        output.write("\n]}\n")
    }

    private static func json(_ record: Record, _ start: UInt64, _ describer: Describer) -> JSON {
        let description = describer.description(record)
        return .object([
            ("time", .number(record.start - min(start, record.start))),
            ("cpu", .number(UInt64(record.cpu))), ("sequence", .number(record.sequence)),
            ("name", .string(description.name)),
            ("arguments", fields(description.arguments)),
            ("results", fields(description.results)),
            ("outcome", .string(name(record.result))),
            ("error", description.measure.map { .boolean($0.isError) } ?? .null),
            ("bytes", description.measure.map { .number($0.bytes) } ?? .null),
            ("host", record.result == .unfinished ? .null : .number(record.hostTime)),
            ("guest", .number(record.guestTime)),
        ])
    }

    static func fields(_ fields: [(name: String, value: Value)]) -> JSON {
        .object(fields.map { ($0.name, $0.value.json) })
    }

    private static func name(_ end: Header.End) -> String {
        switch end {
        case .running: "unknown"
        case .halt: "halt"
        case .fault: "fault"
        case .stopped: "stopped"
        }
    }

    private static func name(_ result: RecordResult) -> String {
        switch result {
        case .unfinished: "unfinished"
        case .resume: "resume"
        case .halt: "halt"
        case .fault: "fault"
        }
    }
}
