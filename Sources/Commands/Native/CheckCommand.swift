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
        var request = RunOption.request(parsed, objections: &objections)
        request.isRehearsal = true
        guard let guest = parsed.operands.first else {
            let reasons = objections.flatMap { $0.lines }
            return (reasons.isEmpty ? ["no GUEST given"] : reasons) + machineReasons(nil)
        }
        do throws(CommandError) {
            let image = try openImage(guest, modules)
            let others = modules.objections(to: parsed.options, for: image.guests)
            objections += others
            request.options.removeAll { option in
                !modules.objections(to: [option], for: image.guests).isEmpty
            }
            let wrong = objections.flatMap { $0.lines }
            switch image {
            case .hvt(let image): return reasons(against: image, request, wrong)
            case .foreign(let image):
                let kind = try image.presentKind()
                return wrong + observationReasons(image, request)
                    + reasons(
                        against: kind,
                        image.request(
                            request, parsed, request.sandbox(warn).launchLock, warn: warn)
                    )
            }
        } catch {
            return error.lines + objections.flatMap { $0.lines } + machineReasons(nil)
        }
    }

    /// - Parameter wrong: what is wrong with the command line.
    private func reasons(
        against image: HVTImage, _ request: RunRequest, _ wrong: [String]
    ) -> [String] {
        var reasons = missingModules(image) + wrong
        let attachment = Attachment(modules, request, image)
        reasons += attachmentReasons(attachment, request)
        let plan = plan(image, request, &reasons)
        let isReady = reasons.isEmpty
        return reasons + machineReasons(isReady ? plan.map { ($0, attachment) } : nil)
    }

    private func observationReasons(_ image: ForeignImage, _ request: RunRequest) -> [String] {
        do throws(TenderError) {
            _ = try modules.observing(request, image.file.path, kind: image.guests)
            return []
        } catch {
            return CommandError(error).lines
        }
    }

    private func reasons(against kind: GuestKind, _ request: GuestRequest) -> [String] {
        do throws(TenderError) {
            try kind.check(request)
            return []
        } catch {
            // Not `run`'s statuses: nothing has run.
            if case .signal(let number) = error { Signals.die(of: number) }
            return CommandError(error).lines
        }
    }

    private func warn(_ line: String) {
        streams.complain("\(NativeProgram.name): \(line)\n")
    }

    private func missingModules(_ image: HVTImage) -> [String] {
        if let absence = try? modules.absence(for: image) { return [absence] }
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
