import Tender

/// Lists a trace, one line for each record.
enum Listing {
    static func write(_ recording: Recording, to output: TextOutput) {
        let start = recording.start
        for warning in recording.warnings { output.write("# \(warning)\n") }
        recording.forEach { output.write(line($0, since: start, recording.describer)) }
        output.write("# \(recording.header.guests) guest: \(recording.end)\n")
    }

    static func line(_ record: Record, since start: UInt64, _ describer: Describer) -> String {
        let description = describer.description(record)
        let time = Format.seconds(record.start - min(start, record.start))
        var text = spaces(14 - time.utf8.count) + time
        text += " [\(record.cpu)] \(description.name)("
        text += description.arguments.map { "\($0.name)=\($0.value.text)" }.joined(separator: ", ")
        text += ")"
        if let first = description.results.first {
            text += " = " + (first.name == "error" ? "error " : "") + first.value.text
            for result in description.results.dropFirst() {
                text += ", \(result.name)=\(result.value.text)"
            }
        }
        switch record.result {
        case .unfinished: return text + " <unfinished>\n"
        case .fault: text += " = fault"
        case .resume, .halt: break
        }
        return text + " <\(Format.duration(record.hostTime))>\n"
    }
}
