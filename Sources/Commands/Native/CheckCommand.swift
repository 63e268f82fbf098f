import JSON
import Programs
import Sandbox
import Tender

/// The options of `check` besides those of `run`.
enum CheckOption {
    static let json = OptionSpecification(name: "json", help: "the answer as JSON")
}

/// `pinnace check`: checks that a guest would run with this build, these options and this host.
struct CheckCommand {
    let registry: Registry
    let streams: Streams
    let lock: (Sandbox) -> LaunchLock

    func run(_ parsed: ParsedArguments) -> Int32 {
        var parsed = parsed
        let wantsJSON = parsed.has(CheckOption.json)
        parsed.options.removeAll { $0.name == CheckOption.json.name }
        let reasons = reasonsAgainst(parsed)
        let guest = parsed.operands.first?.text
        // Without a guest, an error in the options has kept the parser from finding it.
        let subject = guest.map { "\($0): " } ?? ""
        var report = Report(
            "pinnace.check", heading: "\(subject)would \(reasons.isEmpty ? "" : "not ")run")
        report.add("path", guest.map { .string($0) } ?? .null)
        report.add("wouldRun", .boolean(reasons.isEmpty))
        report.add("reasons", .array(reasons.map { $0.json }))
        for line in reasons.flatMap({ $0.lines }) { report.show(line, [""]) }
        streams.print(wantsJSON ? report.json.text : report.text)
        return reasons.isEmpty ? 0 : 1
    }

    /// All that keeps the guest from running, in the order in which `run` would find it.
    private func reasonsAgainst(_ parsed: ParsedArguments) -> [Reason] {
        let pipeline = LaunchPipeline(registry)
        let request = RunOption.request(parsed)
        let wrong = request.objections.map { Reason(lines: $0.lines) }
        guard let guest = parsed.operands.first else {
            let missing = parsed.noGuest("pinnace check [OPTIONS] GUEST [ARGS]")
            return (wrong.isEmpty ? [Reason(lines: missing.lines)] : wrong)
                + reasons(pipeline.objectionsOfTheHypervisor)
        }
        do throws(CommandError) {
            let image = try registry.image(guest)
            var launch = registry.judging(request, for: image.kind)
                .launch(registry.modules, lock: lock) {
                    streams.complain("\(NativeProgram.name): \($0)\n")
                }
            launch.lock.isRehearsal = true
            return reasons(pipeline.rehearse(image, launch))
        } catch {
            return [Reason(lines: error.lines)] + wrong
                + reasons(pipeline.objectionsOfTheHypervisor)
        }
    }

    private func reasons(_ errors: [TenderError]) -> [Reason] {
        for case .signal(let number) in errors {
            // The exit statuses of `run` do not apply: no guest has run.
            Signals.die(of: number)
        }
        return errors.map { Reason($0, registry) }
    }
}

/// A reason why a guest would not run.
private struct Reason {
    /// What `run` would say.
    let lines: [String]
    /// The option at fault, if any.
    var option: OptionValue?
    /// The guest's devices that no option attaches.
    var devices: [String] = []

    init(lines: [String]) {
        let feed = UInt8(ascii: "\n")
        self.lines = lines.flatMap { $0.utf8.split(separator: feed).map { String(Substring($0)) } }
    }

    init(_ error: TenderError, _ registry: Registry) {
        self.init(lines: CommandError(error, registry).lines)
        switch error {
        case .module(let cause): option = cause.option
        case .unattached(let entries): devices = entries.map { $0.name }
        default: break
        }
    }

    var json: JSON {
        .object([
            ("messages", .array(lines.map { .string($0) })),
            ("option", option.map { .string($0.text) } ?? .null),
            ("unattachedDevices", .array(devices.map { .string($0) })),
        ])
    }
}
