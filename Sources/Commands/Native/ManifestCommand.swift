import Tender

/// The options of `manifest`.
enum ManifestOption {
    static let json = OptionSpecification(name: "json", help: "all of it as JSON")
    static var all: [OptionSpecification] { [json] }
}

/// `pinnace manifest`: what was this program built with?
struct ManifestCommand {
    let modules: [RegisteredModule]
    let streams: Streams

    func run(_ parsed: ParsedArguments) throws(CommandError) -> Int32 {
        if let objection = parsed.objections.first { throw objection }
        if let operand = parsed.operands.first {
            throw CommandError(
                "pinnace manifest is about pinnace itself: "
                    + "did you mean `pinnace inspect \(operand.text)`?")
        }
        let report = BuildReport(modules: modules)
        streams.print(parsed.has(ManifestOption.json) ? report.json.text : report.text)
        return 0
    }
}
