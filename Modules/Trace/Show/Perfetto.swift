import JSON

/// Writes Chrome's Trace Event Format, which Perfetto shows: one track for each vCPU, with slices
/// for guest and host time. Times are in microseconds.
enum Perfetto {
    static func write(_ recording: Recording, to output: TextOutput) {
        output.write("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n")
        output.write(metadata("process_name", 0, "\(recording.header.guests) guest").line)
        func add(_ event: JSON) { output.write(",\n" + event.line) }
        var named: [Bool] = []
        let start = recording.start
        recording.forEach { record in
            while named.count <= record.cpu { named.append(false) }
            if !named[record.cpu] {
                add(metadata("thread_name", record.cpu, "vCPU \(record.cpu)"))
                named[record.cpu] = true
            }
            let time = record.start - min(start, record.start)
            if record.guestTime > 0 {
                let begin = time - min(time, record.guestTime)
                add(slice("guest", "guest", record.cpu, begin, time - begin, .object([])))
            }
            let description = recording.describer.description(record)
            let fields = JSONTrace.fields(description.arguments + description.results)
            let category = record.result == .unfinished ? "unfinished" : "host"
            add(
                slice(
                    description.name, category, record.cpu, time, recording.hostTime(record),
                    fields))
        }
        output.write("\n]}\n")
    }

    private static func metadata(_ name: String, _ cpu: Int, _ value: String) -> JSON {
        .object([
            ("ph", .string("M")), ("pid", .number(1)), ("tid", .number(UInt64(cpu))),
            ("name", .string(name)), ("args", .object([("name", .string(value))])),
        ])
    }

    private static func slice(
        _ name: String, _ category: String, _ cpu: Int, _ start: UInt64, _ duration: UInt64,
        _ arguments: JSON
    ) -> JSON {
        .object([
            ("ph", .string("X")), ("pid", .number(1)), ("tid", .number(UInt64(cpu))),
            ("name", .string(name)), ("cat", .string(category)),
            ("ts", .decimal(Format.microseconds(start))),
            ("dur", .decimal(Format.microseconds(duration))), ("args", arguments),
        ])
    }
}
