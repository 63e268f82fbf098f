import Sandbox
import Tender

/// `pinnace run`: runs a guest.
struct RunCommand {
    let modules: [RegisteredModule]
    let streams: Streams
    let lock: (Sandbox) -> LaunchLock

    /// - Returns: the guest's exit status.
    func run(_ parsed: ParsedArguments) throws(CommandError) -> Int32 {
        // From the start, whatever a launch may have to wait for.
        Signals.install(program: NativeProgram.name, diesOfInterrupt: true)
        var objections: [CommandError] = []
        var request = RunOption.request(parsed, objections: &objections)
        let lock = lock(request.sandbox { warn($0) })
        request.isRehearsal = lock.isRehearsal
        guard let guest = parsed.operands.first else {
            throw objections.first
                ?? CommandError("no GUEST given: pinnace run [OPTIONS] GUEST [ARGS]")
        }
        // Looked at before the options are judged: what a build lacks, it has no options for.
        switch try openImage(guest, modules) {
        case .hvt(let image):
            let missing = try missingModules(image)
            guard missing.isEmpty else { throw CommandError(.missingModules(missing)) }
            objections += modules.objections(to: parsed.options, for: KnownModule.hvtGuests)
            if let objection = objections.first { throw objection }
            return try run(image, request, lock)
        case .foreign(let image):
            let kind = try image.presentKind()
            objections += modules.objections(to: parsed.options, for: image.guests)
            if let objection = objections.first { throw objection }
            var guest = image.request(request, parsed, lock) { warn($0) }
            return try reporting({ CommandError($0) }) { () throws(TenderError) in
                try lock.closeInherited(guest)
                guest.observation = try modules.observing(
                    request, image.file.path, kind: image.guests)
                return try kind.run(guest)
            }
        }
    }

    private func missingModules(_ image: HVTImage) throws(CommandError) -> [String] {
        try reporting({ CommandError(.image($0)) }) { () throws(ImageError) in
            if let absence = try modules.absence(for: image) { return [absence] }
            return image.manifest.missing(from: modules)
        }
    }

    private func run(
        _ image: HVTImage, _ request: RunRequest, _ lock: LaunchLock
    ) throws(CommandError) -> Int32 {
        let attachment = Attachment(modules, request, image)
        Stage.attached.mark()
        if let failure = attachment.failures.first { throw CommandError(.module(failure)) }
        let lines = attachment.unattached.map { modules.line(aboutUnattached: $0) }
        guard lines.isEmpty else { throw CommandError(.unattached(lines)) }

        return try reporting({ CommandError($0, builtIn: modules) }) {
            () throws(TenderError) in
            let size = try request.memorySize()
            if size.isAdjusted { warn("adjusting memory to \(size.bytes) bytes") }
            let plan = try HVTPlan(
                image: image, memorySize: size, commandLine: request.commandLine,
                isHeapExecutable: request.isHeapExecutable)
            return try Commands.run(plan, attachment, lock) { warn($0) }
        }
    }

    private func warn(_ line: String) {
        streams.complain("\(NativeProgram.name): \(line)\n")
    }
}

/// The image that an argument names, which must be one that can run.
func openImage(
    _ guest: Argument, _ modules: [RegisteredModule]
) throws(CommandError) -> GuestImage {
    let path = try guest.path
    return try reporting({ CommandError(.image($0)) }) { () throws(ImageError) in
        try GuestImage(path: path, modules)
    }
}

extension RunRequest {
    func sandbox(_ warn: @escaping (String) -> Void) -> Sandbox {
        Sandbox(mode: sandboxMode, user: user, program: NativeProgram.name, warn: warn)
    }
}

extension ForeignImage {
    func request(
        _ request: RunRequest, _ parsed: ParsedArguments, _ lock: LaunchLock,
        warn: @escaping (String) -> Void
    ) -> GuestRequest {
        GuestRequest(
            image: file, memory: request.memory,
            options: request.options.filter { optionNames.contains($0.name) },
            arguments: parsed.operands.dropFirst().map { $0.bytes },
            lock: lock, warn: warn)
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
