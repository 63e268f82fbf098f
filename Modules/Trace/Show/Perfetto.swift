import Tender

/// Trace events in JSON, which Perfetto and Chrome show: for each vCPU a track with what it did in
/// the guest and in the host. Their times are in microseconds.
enum Perfetto {
    static func write(_ recording: Recording, to output: TextOutput) {
        output.write("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n")
        output.write(metadata("process_name", 0, "\(recording.header.guests) guest"))
        var named: [Bool] = []
        let start = recording.start
        recording.forEach { record in
            while named.count <= record.cpu { named.append(false) }
            if !named[record.cpu] {
                output.write(",\n" + metadata("thread_name", record.cpu, "vCPU \(record.cpu)"))
                named[record.cpu] = true
            }
            let time = record.start - min(start, record.start)
            if record.guestTime > 0 {
                let begin = time - min(time, record.guestTime)
                output.write(",\n" + slice("guest", "guest", record.cpu, begin, time - begin, "{}"))
            }
            let description = recording.describer.description(record)
            output.write(
                ",\n"
                    + slice(
                        description.name, "host", record.cpu, time, record.hostTime,
                        JSONTrace.fields(description.arguments + description.results)))
        }
        output.write("\n]}\n")
    }

    private static func metadata(_ name: String, _ cpu: Int, _ value: String) -> String {
        JSONTrace.object([
            ("ph", "\"M\""), ("pid", "1"), ("tid", String(cpu)), ("name", jsonString(name)),
            ("args", JSONTrace.object([("name", jsonString(value))])),
        ])
    }

    private static func slice(
        _ name: String, _ category: String, _ cpu: Int, _ start: UInt64, _ duration: UInt64,
        _ arguments: String
    ) -> String {
        JSONTrace.object([
            ("ph", "\"X\""), ("pid", "1"), ("tid", String(cpu)), ("name", jsonString(name)),
            ("cat", jsonString(category)), ("ts", Format.microseconds(start)),
            ("dur", Format.microseconds(duration)), ("args", arguments),
        ])
    }
}
