import Tender

/// The core's own options of `run` and `check`.
enum RunOption {
    static let memory = OptionSpecification(
        name: "mem", valueName: "N", help: "guest memory in MiB, or with K, M or G; 512 by default")
    static let executableHeap = OptionSpecification(
        name: "x-exec-heap", help: "lets the guest execute code on its heap and stack")
    static var all: [OptionSpecification] { [memory, executableHeap] }

    /// What the options say. Those that are wrong go into `objections`.
    static func request(_ parsed: ParsedArguments, objections: inout [CommandError]) -> RunRequest {
        var request = RunRequest()
        objections += parsed.objections
        request.isHeapExecutable = parsed.has(executableHeap)
        if let text = parsed.value(of: memory) {
            request.memory = MemoryArgument.size(text)
            if request.memory == nil {
                objections.append(
                    CommandError(
                        "option --mem: \(text) is not a number of MiB, or one with K, M or G"))
            }
        }
        request.options = parsed.options.filter { option in
            !all.contains { $0.name == option.name }
        }
        request.commandLine = parsed.operands.dropFirst().guestCommandLine
        return request
    }
}

/// `pinnace run`: runs a guest.
struct RunCommand {
    let modules: [RegisteredModule]
    let streams: Streams

    /// - Returns: the guest's exit status.
    func run(_ parsed: ParsedArguments) throws(CommandError) -> Int32 {
        var objections: [CommandError] = []
        let request = RunOption.request(parsed, objections: &objections)
        guard let guest = parsed.operands.first else {
            throw objections.first
                ?? CommandError("no GUEST given: pinnace run [OPTIONS] GUEST [ARGS]")
        }
        // Looked at before the options are judged: what a build lacks, it has no options for.
        let image = try openImage(guest)
        let missing = image.manifest.missing(from: modules)
        guard missing.isEmpty else { throw CommandError(.missingModules(missing)) }
        if let objection = objections.first { throw objection }

        let attachment = Attachment(modules, request, image.manifest)
        Stage.attached.mark()
        if let failure = attachment.failures.first { throw CommandError(.module(failure)) }
        Signals.install(program: NativeProgram.name)
        let lines = attachment.unattached.map { modules.line(aboutUnattached: $0) }
        guard lines.isEmpty else { throw CommandError(.unattached(lines)) }

        return try reporting({ CommandError($0, builtIn: modules) }) {
            () throws(TenderError) in
            let size = try request.memorySize()
            if size.isAdjusted {
                streams.complain(
                    "\(NativeProgram.name): adjusting memory to \(size.bytes) bytes\n")
            }
            let plan = try HVTPlan(
                image: image, memorySize: size, commandLine: request.commandLine,
                isHeapExecutable: request.isHeapExecutable)
            return try Commands.run(plan, attachment)
        }
    }
}

/// The image that an argument names, which must be one that can run.
func openImage(_ guest: Argument) throws(CommandError) -> HVTImage {
    let path = try guest.path
    return try reporting({ CommandError(.image($0)) }) { () throws(ImageError) in
        try HVTImage(path: path)
    }
}

extension [RegisteredModule] {
    /// What is missing for a device, and which option would help.
    func line(aboutUnattached device: ManifestEntry) -> String {
        let options = first { $0.manifest.devices.contains(device.type) }?.manifest.options ?? []
        let line = "device \(quoted(device.name)) (\(device.type)) is not attached"
        guard let option = options.first(where: { $0.takesDevice && $0.valueName != nil }) else {
            return "\(line): nothing in this pinnace can attach it"
        }
        return "\(line): --\(option.name):\(device.name)=\(option.valueName ?? "")"
    }
}
