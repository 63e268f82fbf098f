import Tender

/// The options of `inspect`, each of which stands for another output.
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

/// `pinnace inspect`: what is this guest, and what does it need?
struct InspectCommand {
    let modules: [RegisteredModule]
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
        let path = try guest.path
        let image = try reporting({ CommandError(.image($0)) }) { () throws(ImageError) in
            try GuestImage(path: path, modules, inspecting: true)
        }
        switch image {
        case .hvt(let image):
            streams.print(
                try reporting({ CommandError(.image($0)) }) { () throws(ImageError) in
                    try report(image, parsed)
                })
        case .foreign(let image): streams.print(try report(image, parsed))
        }
        return 0
    }

    private func report(
        _ image: HVTImage, _ parsed: ParsedArguments
    ) throws(ImageError) -> String {
        if parsed.has(InspectOption.manifest) { return GuestReport.manifest(image).text }
        if parsed.has(InspectOption.abi) { return GuestReport.abi(image).text }
        if parsed.has(InspectOption.traits) { return try traits(image) }
        let report = GuestReport(image, modules)
        return parsed.has(InspectOption.json) ? report.json.text : report.text
    }

    private func report(
        _ image: ForeignImage, _ parsed: ParsedArguments
    ) throws(CommandError) -> String {
        for option in [InspectOption.manifest, InspectOption.abi] where parsed.has(option) {
            throw CommandError(
                "option --\(option.name) is for \(KnownModule.hvtGuests) guests, "
                    + "and this is a \(image.guests) one")
        }
        let report = try reporting({ CommandError(.image($0)) }) { () throws(ImageError) in
            try ForeignGuestReport(image)
        }
        if parsed.has(InspectOption.traits) {
            if let objection = report.objection {
                throw CommandError("\(image.file.path): \(objection)")
            }
            return image.trait + "\n"
        }
        return parsed.has(InspectOption.json) ? report.json.text : report.text
    }

    private func traits(_ image: HVTImage) throws(ImageError) -> String {
        let needs = try GuestNeeds(image, image.runnableSegments())
        return needs.modules.map { $0.trait }.joined(separator: ",") + "\n"
    }
}
