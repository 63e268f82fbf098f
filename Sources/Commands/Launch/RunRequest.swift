import Linux
import Programs
import Sandbox
import Tender

/// What a command line says about how to run a guest.
struct RunRequest {
    /// What messages begin with.
    var program = NativeProgram.name
    /// Whether all is to be as under the program that this one stands in for.
    var standsIn = false
    /// In bytes; nil if it is not said.
    var memory: UInt64?
    /// Of kinds of guests and of modules, in order.
    var options: [OptionValue] = []
    /// What follows the image.
    var arguments: [[UInt8]] = []
    var sandboxMode = SandboxMode.on
    /// Whom the guest is to run as, if not as whoever started us.
    var user: User?
    /// What is wrong with the command line.
    var objections: [CommandError] = []

    /// What the process may do with files once the guest runs.
    var fileRights: FileRights {
        user.map { FileRights(user: $0.number, group: $0.group) } ?? FileRights()
    }

    /// The same to the launch pipeline.
    ///
    /// - Parameter lock: makes what gives up what the guest will not need.
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
