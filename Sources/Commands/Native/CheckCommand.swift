import Programs
import Sandbox
import Tender

/// `pinnace check`: checks that a guest would run with this build, these options and this host.
struct CheckCommand {
    let registry: Registry
    let streams: Streams
    let lock: (Sandbox) -> LaunchLock

    func run(_ parsed: ParsedArguments) -> Int32 {
        let reasons = reasonsAgainst(parsed)
        // Without it, an error in the options has kept the parser from finding it.
        let guest = parsed.operands.first.map { "\($0.text): " } ?? ""
        if reasons.isEmpty {
            streams.print("\(guest)would run\n")
            return 0
        }
        streams.print("\(guest)would not run\n")
        for reason in reasons { streams.print("  \(reason)\n") }
        return 1
    }

    /// All that keeps the guest from running, in the order in which `run` would find it.
    private func reasonsAgainst(_ parsed: ParsedArguments) -> [String] {
        let pipeline = LaunchPipeline(registry)
        let request = RunOption.request(parsed)
        let wrong = request.objections.flatMap { $0.lines }
        guard let guest = parsed.operands.first else {
            let missing = parsed.noGuest("pinnace check [OPTIONS] GUEST [ARGS]")
            return (wrong.isEmpty ? missing.lines : wrong)
                + lines(about: pipeline.objectionsOfTheHypervisor)
        }
        do throws(CommandError) {
            let image = try registry.image(guest)
            var launch = registry.judging(request, for: image.kind)
                .launch(registry.modules, lock: lock) {
                    streams.complain("\(NativeProgram.name): \($0)\n")
                }
            launch.lock.isRehearsal = true
            return lines(about: pipeline.rehearse(image, launch))
        } catch {
            return error.lines + wrong + lines(about: pipeline.objectionsOfTheHypervisor)
        }
    }

    private func lines(about errors: [TenderError]) -> [String] {
        for case .signal(let number) in errors {
            // The exit statuses of `run` do not apply: no guest has run.
            Signals.die(of: number)
        }
        return errors.flatMap { CommandError($0, registry).lines }
    }
}
