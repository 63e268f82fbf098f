import Manifests
import Tender

/// `pinnace trace`: shows a trace file.
enum TraceCommand {
    static let summary = OptionSpecification(
        name: "summary", help: "counts, bytes and times of each call as a table")
    static let json = OptionSpecification(name: "json", help: "all of it as JSON")
    static let perfetto = OptionSpecification(
        name: "perfetto", help: "JSON that ui.perfetto.dev and chrome://tracing show")
    static let picture = OptionSpecification(
        name: "svg", help: "a picture: when what was called, and how long it took")

    static var command: ModuleCommand {
        ModuleCommand(
            name: TraceManifest.command, operands: "[OPTION] FILE",
            summary: "shows what `run --trace=FILE` recorded",
            about: """
                Shows the trace in FILE, a line for each call of the guest's and each other exit: when,
                on which vCPU, with what arguments and results, and how long it took. What was lost,
                since the trace was full, is told first. Traces of guests that still run can be read,
                and of tenders that were killed.

                """,
            options: [summary, json, perfetto, picture],
            run: { (request) throws(ModuleError) in try run(request) })
    }

    private static func run(_ request: CommandRequest) throws(ModuleError) -> Int32 {
        guard let path = request.operands.first else {
            throw ModuleError("no FILE given: pinnace trace [OPTION] FILE")
        }
        guard request.operands.count == 1 else { throw ModuleError("more than one FILE given") }
        guard request.options.count <= 1 else {
            let texts = request.options.map { $0.text }
            throw ModuleError("options \(texts.joined(separator: " and ")) exclude each other")
        }
        let recording = try Recording.read(path)
        let output = TextOutput(request.print)
        write(recording, request.options.first?.name, to: output)
        output.flush()
        return 0
    }

    /// - Parameter form: the name of an output option; nil for the listing.
    static func write(_ recording: Recording, _ form: String?, to output: TextOutput) {
        switch form {
        case summary.name: output.write(Summary(recording).text(recording))
        case json.name: JSONTrace.write(recording, to: output)
        case perfetto.name: Perfetto.write(recording, to: output)
        case picture.name: Picture.write(recording, to: output)
        default: Listing.write(recording, to: output)
        }
    }
}
