import Linux
import Programs
import Sandbox
import Tender

/// `pinnace run`: runs a guest.
struct RunCommand {
    let registry: Registry
    let streams: Streams
    let lock: (Sandbox) -> LaunchLock

    /// - Returns: the guest's exit status.
    func run(_ parsed: ParsedArguments) throws(CommandError) -> Int32 {
        // First, since a launch may block, and must still end on a signal.
        Signals.install(program: NativeProgram.name, diesOfInterrupt: true)
        let request = RunOption.request(parsed)
        guard let guest = parsed.operands.first else {
            throw request.objections.first
                ?? parsed.noGuest("pinnace run [OPTIONS] GUEST [ARGS]")
        }
        // The image comes before the options: a build without the module for this kind of guest
        // does not know the options either.
        let image = try registry.image(guest)
        let launch = registry.judging(request, for: image.kind)
            .launch(registry.modules, lock: lock) {
                streams.complain("\(NativeProgram.name): \($0)\n")
            }
        return try wrapping({ CommandError($0, registry) }) {
            () throws(TenderError) in try LaunchPipeline(registry).run(image, launch)
        }
    }
}

extension Registry {
    /// The same request without the options for other kinds of guests than this one; each becomes
    /// an objection.
    func judging(_ request: RunRequest, for kind: String) -> RunRequest {
        var request = request
        request.objections += objections(to: request.options, for: kind)
        request.options.removeAll { !objections(to: [$0], for: kind).isEmpty }
        return request
    }
}
