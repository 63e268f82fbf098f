import Tender

/// One document of JSON, a record on each line. Times are in nanoseconds.
enum JSONTrace {
    static func write(_ recording: Recording, to output: TextOutput) {
        let header = recording.header
        output.write(
            object([
                ("guest", jsonString(header.guests)), ("cpus", String(header.cpuCount)),
                ("start", String(header.startRealTime)), ("duration", String(recording.duration)),
                ("end", jsonString(name(header.end))),
                ("status", header.end == .halt ? String(header.exitStatus) : "null"),
                ("lost", String(recording.lost)), ("damaged", String(recording.damaged)),
            ]).dropLast() + ", \"records\": [")
        let start = recording.start
        var isFirst = true
        recording.forEach { record in
            output.write((isFirst ? "\n" : ",\n") + text(record, start, recording.describer))
            isFirst = false
        }
        output.write("\n]}\n")
    }

    private static func text(_ record: Record, _ start: UInt64, _ describer: Describer) -> String {
        let description = describer.description(record)
        return object([
            ("time", String(record.start - min(start, record.start))),
            ("cpu", String(record.cpu)), ("sequence", String(record.sequence)),
            ("name", jsonString(description.name)),
            ("arguments", fields(description.arguments)),
            ("results", fields(description.results)),
            ("outcome", jsonString(name(record.result))),
            ("error", description.measure.map { String($0.isError) } ?? "null"),
            ("bytes", description.measure.map { String($0.bytes) } ?? "null"),
            ("host", record.result == .unfinished ? "null" : String(record.hostTime)),
            ("guest", String(record.guestTime)),
        ])
    }

    static func fields(_ fields: [(name: String, value: Value)]) -> String {
        object(fields.map { ($0.name, $0.value.json) })
    }

    /// - Parameter members: their values are JSON already.
    static func object(_ members: [(name: String, value: String)]) -> String {
        "{" + members.map { "\(jsonString($0.name)): \($0.value)" }.joined(separator: ", ") + "}"
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
