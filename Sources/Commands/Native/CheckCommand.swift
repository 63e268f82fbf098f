import Hypervisor
import Tender

/// `pinnace check`: would a guest run, with this build, these options and on this host?
struct CheckCommand {
    let modules: [RegisteredModule]
    let streams: Streams

    func run(_ parsed: ParsedArguments) -> Int32 {
        let reasons = reasonsAgainst(parsed)
        let guest = parsed.operands.first?.text ?? "no guest"
        if reasons.isEmpty {
            streams.print("\(guest): would run\n")
            return 0
        }
        streams.print("\(guest): would not run\n")
        for reason in reasons { streams.print("  \(reason)\n") }
        return 1
    }

    /// All that keeps the guest from running, in the order in which `run` would come upon it.
    func reasonsAgainst(_ parsed: ParsedArguments) -> [String] {
        var objections: [CommandError] = []
        let request = RunOption.request(parsed, objections: &objections)
        var reasons: [String] = []
        var ready: (plan: HVTPlan, attachment: Attachment)?
        if let guest = parsed.operands.first {
            do throws(CommandError) {
                let image = try openImage(guest)
                reasons += missingModules(image)
                reasons += objections.flatMap { $0.lines }
                let attachment = Attachment(modules, request, image.manifest)
                reasons += attachmentReasons(attachment, request)
                if let plan = plan(image, request, &reasons) { ready = (plan, attachment) }
            } catch {
                reasons += error.lines + objections.flatMap { $0.lines }
            }
        } else {
            reasons += objections.flatMap { $0.lines }
            if reasons.isEmpty { reasons.append("no GUEST given") }
        }
        reasons += machineReasons(reasons.isEmpty ? ready : nil)
        return reasons
    }

    private func missingModules(_ image: HVTImage) -> [String] {
        let devices = image.manifest.missing(from: modules)
        guard let segments = try? image.runnableSegments(),
            let needs = try? GuestNeeds(image, segments), needs.isCertain
        else { return devices }
        let basic = needs.missing(from: modules).filter { $0.devices.isEmpty }
        return devices + basic.map { "its code uses module \($0.name); \($0.absence)" }
    }

    private func attachmentReasons(
        _ attachment: Attachment, _ request: RunRequest
    ) -> [String] {
        let failures = attachment.failures.flatMap { CommandError(.module($0)).lines }
        let unattached = attachment.unattached.filter { device in
            let isMissing = KnownModule.serving(device.type).map { !$0.isBuiltIn(modules) } ?? false
            // That its option failed has been said already.
            let hasFailed =
                !failures.isEmpty && request.options.contains { $0.device == device.name }
            return !isMissing && !hasFailed
        }
        return failures + unattached.map { modules.line(aboutUnattached: $0) }
    }

    private func plan(
        _ image: HVTImage, _ request: RunRequest, _ reasons: inout [String]
    ) -> HVTPlan? {
        do throws(TenderError) {
            return try HVTPlan(
                image: image, memorySize: request.memorySize(), commandLine: request.commandLine,
                isHeapExecutable: request.isHeapExecutable)
        } catch {
            reasons.append(error.description)
            return nil
        }
    }

    /// Goes as far as `run` would, but for running the guest.
    private func machineReasons(_ ready: (plan: HVTPlan, attachment: Attachment)?) -> [String] {
        do throws(TenderError) {
            let machine = try makeMachine()
            if let ready {
                _ = try HVTGuest(ready.plan, launch: ready.attachment.launch, in: machine)
            }
            return []
        } catch {
            return [error.description]
        }
    }
}
