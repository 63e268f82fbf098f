import Linux
import Programs
import Sandbox
import Tender

/// A request to run a guest, as parsed from a command line.
struct RunRequest {
    /// The name that messages begin with.
    var program = NativeProgram.name
    /// Whether a persona was called, so that the launch behaves like the program it stands in for.
    var standsIn = false
    /// The size of guest memory in bytes; nil for the default.
    var memory: UInt64?
    /// The options of kinds of guests and of modules, in order.
    var options: [OptionValue] = []
    /// The arguments after the image.
    var arguments: [[UInt8]] = []
    var sandboxMode = SandboxMode.on
    /// The user that the process changes to (`--user`); nil to stay the same user.
    var user: User?
    /// The errors in the command line.
    var objections: [CommandError] = []

    /// The rights of the process on files once the guest runs.
    var fileRights: FileRights {
        user.map { FileRights(user: $0.number, group: $0.group) } ?? FileRights()
    }

    /// The request for the launch pipeline.
    ///
    /// - Parameter lock: makes the launch's lock from its sandbox.
    func launch(
        _ modules: [RegisteredModule], lock: (Sandbox) -> LaunchLock,
        warn: @escaping (String) -> Void
    ) -> LaunchRequest {
        LaunchRequest(
            program: program, standsIn: standsIn, memory: memory, options: options,
            arguments: arguments, objections: objections.map { .failed($0.text) },
            modules: modules,
            fileRights: fileRights,
            lock: lock(Sandbox(mode: sandboxMode, user: user, program: program, warn: warn)),
            warn: warn)
    }
}
