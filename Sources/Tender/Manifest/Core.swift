import CLinux
import Hypervisor
import Linux
import Rules

/// The core's own operations and system calls while a guest runs, besides those of modules.
public enum Core {
    package static let image: Role = "the image, for its symbols"
    /// The number of the tender's own process, in its PID namespace.
    public static let process: Role = "this process"

    private static let socketError: Role = "standard error that is a socket"
    private static let finiteError: Role = "standard error that can be full"

    /// Bindings that are the same for all guests.
    static var bindings: Bindings {
        var bindings = Bindings()
        // Descriptor 2 stays open without a role.
        let standardError = { [UInt64(STDERR_FILENO)] }
        if StandardError.canBeFull { bindings.bindNumbers(finiteError, standardError) }
        if StandardError.isSocket { bindings.bindNumbers(socketError, standardError) }
        bindings.bindNumbers(process) { [UInt64(UInt32(bitPattern: getpid()))] }
        return bindings
    }

    /// Operations on vCPUs; registers only for the report on a failed guest.
    public static let operations = [
        Operation.Use(.runVCPU), Operation.Use(.readRegisters),
    ]

    /// Other system calls.
    public static let systemCalls = [
        // For the symbol table, to name functions in a report.
        SystemCallSpecification("pread64", [.descriptor(argument: 0, image)]),
        // Messages.
        SystemCallSpecification("write", [.equals(argument: 0, 2, name: "standard error")]),
        SystemCallSpecification(
            "sendto", [.number(argument: 0, socketError), .toConnectedPeer]),
        SystemCallSpecification(
            "ppoll", [.equals(argument: 1, 1, name: "one descriptor")], onlyWith: finiteError),
        // SIGINT ends the process by the signal, not with a status. The main thread's ID is the
        // process ID.
        SystemCallSpecification(
            "tgkill", [.number(argument: 0, process), .number(argument: 1, process)]),
        SystemCallSpecification("exit_group"),
    ]
}

extension BackEnd {
    /// The core's system calls on this back end.
    public var coreCalls: [SystemCallSpecification] {
        Core.operations.systemCalls(operations) + Core.systemCalls
    }

    /// A module's system calls on this back end.
    public func calls(of manifest: ModuleManifest) -> [SystemCallSpecification] {
        manifest.operations.systemCalls(operations) + manifest.allSystemCalls
    }
}
