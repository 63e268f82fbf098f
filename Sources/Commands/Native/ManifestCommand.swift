import Hypervisor
import JSON
import Programs
import Sandbox
import Tender

/// The options of `manifest`.
enum ManifestOption {
    static let json = OptionSpecification(name: "json", help: "all of it as JSON")
    static let sandbox = OptionSpecification(
        name: "sandbox", help: "what a launch of GUEST with these options is left with, instead")
    static let pseudoCode = OptionSpecification(
        name: "pseudo-code", help: "the same as the filter that the kernel gets")
    static var all: [OptionSpecification] { [json, sandbox, pseudoCode] }
}

/// `pinnace manifest`: lists the modules of this build, or shows the sandbox of one launch.
struct ManifestCommand {
    let registry: Registry
    let streams: Streams

    func run(_ parsed: ParsedArguments) throws(CommandError) -> Int32 {
        if let objection = parsed.objections.first { throw objection }
        if parsed.has(ManifestOption.sandbox) || parsed.has(ManifestOption.pseudoCode) {
            return try showSandbox(parsed)
        }
        if let operand = parsed.operands.first {
            throw CommandError(
                "pinnace manifest is about pinnace itself: "
                    + "did you mean `pinnace inspect \(operand.text)`?")
        }
        show(registry.report, parsed)
        return 0
    }

    private func showSandbox(_ parsed: ParsedArguments) throws(CommandError) -> Int32 {
        guard !parsed.operands.isEmpty else {
            throw parsed.noGuest("pinnace manifest --sandbox [OPTIONS] GUEST [ARGS]")
        }
        let confinement = try confinement(parsed)
        if parsed.has(ManifestOption.pseudoCode) {
            do throws(SandboxError) {
                try Sandbox.writePseudoCode(of: confinement, to: 1)
            } catch {
                throw CommandError(error.description)
            }
        } else {
            var report = confinement.report
            if !registry.choices.isEmpty {
                report.begin("hypervisor")
                report.add(
                    "hypervisor", .string(registry.backEnd.device), as: registry.backEnd.name,
                    [registry.backEnd.device])
            }
            show(report, parsed)
        }
        return 0
    }

    private func show(_ report: Report, _ parsed: ParsedArguments) {
        streams.print(parsed.has(ManifestOption.json) ? report.json.text : report.text)
    }

    /// Launches the guest in rehearsal, up to `LaunchLock.confine`.
    private func confinement(_ parsed: ParsedArguments) throws(CommandError) -> Confinement {
        var parsed = parsed
        parsed.options.removeAll { option in
            ManifestOption.all.contains { $0.name == option.name }
        }
        let reader = Reader()
        let lock = LaunchLock(
            isRehearsal: true,
            closeInherited: { (_, _) throws(TenderError) in },
            confine: { (confinement) throws(TenderError) in
                reader.confinement = confinement
                throw .failed("not to be run")
            },
            close: { (_) throws(TenderError) in })
        do throws(CommandError) {
            let command = RunCommand(
                registry: registry, streams: streams, lock: { _ in lock })
            _ = try command.run(parsed)
        } catch {
            guard reader.confinement != nil else { throw error }
        }
        guard let confinement = reader.confinement else {
            throw CommandError("the guest ran without a sandbox")
        }
        return confinement
    }

    private final class Reader {
        var confinement: Confinement?
    }
}
