import HVT
import JSON
import Linux
import Programs
import Tender

/// The options of `inspect`; each selects another output.
enum InspectOption {
    static let json = OptionSpecification(name: "json", help: "all of it as JSON")
    static let manifest = OptionSpecification(
        name: "manifest", help: "the devices as JSON, as `solo5-elftool query-manifest` has them")
    static let abi = OptionSpecification(
        name: "abi", help: "the ABI as JSON, as `solo5-elftool query-abi` has it")
    static let traits = OptionSpecification(
        name: "traits", help: "the smallest set of build traits that runs the guest")
    static var all: [OptionSpecification] { [json, manifest, abi, traits] }
}

/// `pinnace inspect`: shows an image and the modules that it needs.
struct InspectCommand {
    let registry: Registry
    let streams: Streams

    func run(_ parsed: ParsedArguments) throws(CommandError) -> Int32 {
        if let objection = parsed.objections.first { throw objection }
        guard let guest = parsed.operands.first else {
            throw CommandError("no GUEST given: pinnace inspect [OPTIONS] GUEST")
        }
        guard parsed.operands.count == 1 else {
            throw CommandError("more than one GUEST given")
        }
        guard parsed.options.count <= 1 else {
            throw CommandError(
                "options \(parsed.options.map { $0.text }.joined(separator: " and ")) exclude each other"
            )
        }
        let image = try registry.image(guest)
        let description = try wrapping({ CommandError(.image($0)) }) { () throws(ImageError) in
            try image.inspect(registry.modules)
        }
        streams.print(try text(image, description, parsed))
        return 0
    }

    private func text(
        _ image: any GuestImage, _ description: GuestDescription, _ parsed: ParsedArguments
    ) throws(CommandError) -> String {
        for option in [InspectOption.manifest, InspectOption.abi] where parsed.has(option) {
            let document = description.documents.first { $0.option == option.name }
            guard let document else {
                throw CommandError(
                    "option --\(option.name) is for \(HVTKind.name) guests, "
                        + "and this is a \(image.kind) one")
            }
            return document.value.text
        }
        if parsed.has(InspectOption.traits) {
            if let objection = description.objection {
                throw CommandError("\(image.file.path): \(objection)")
            }
            return description.needs.map { $0.trait }.joined(separator: ",") + "\n"
        }
        let report = description.report(on: image, registry.modules)
        return parsed.has(InspectOption.json) ? report.json.text : report.text
    }
}
