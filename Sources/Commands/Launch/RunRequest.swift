import Linux
import Sandbox
import Tender

/// What a command line says about how to run a guest.
struct RunRequest {
    /// What messages begin with.
    var program = NativeProgram.name
    /// Whether the guest will not be run, so that nothing must be left behind.
    var isRehearsal = false
    /// Whether all is to be as under the program that this one stands in for.
    var standsIn = false
    /// In bytes; nil if it is not said.
    var memory: UInt64?
    var isHeapExecutable = false
    /// The modules' options.
    var options: [OptionValue] = []
    var commandLine: [UInt8] = []
    var sandboxMode = SandboxMode.on
    /// Whom the guest is to run as, if not as whoever started us.
    var user: User?

    /// What the process may do with files once the guest runs.
    var fileRights: FileRights {
        user.map { FileRights(user: $0.number, group: $0.group) } ?? FileRights()
    }

    func memorySize() throws(TenderError) -> MemorySize {
        guard let memory else { return .standard }
        return try MemorySize(asked: memory)
    }
}
