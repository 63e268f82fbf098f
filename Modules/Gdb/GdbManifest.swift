import Hypervisor
import Rules
import Tender

/// The manifest of module Gdb: its options, descriptor roles and system calls.
public enum GdbManifest {
    public static let listener: Role = "the socket that debuggers connect to"
    public static let connection: Role = "a debugger's connection"
    public static let spare: Role = "a descriptor that keeps the connection's number free for it"
    public static let event: Role = "what tells the debugger's thread of the vCPUs"
    public static let memory: Role = "the way to the guest's memory"

    public static let known = KnownModule(
        name: "gdb", trait: "Gdb", guests: nil,
        options: [
            OptionSpecification(
                name: "gdb", valueName: "unix:PATH",
                help: "wait for a debugger on a port of this machine, or on a socket at PATH",
                isValueOptional: true),
            OptionSpecification(
                name: "gdb-port", valueName: "N",
                help:
                    "the port for --gdb, 0 to 65535; 1234 by default, and 0 for any that is free"),
        ])

    public static let manifest = ModuleManifest(
        known, summary: "serves gdb's remote protocol",
        // Needed only by launches with a debugger.
        operations: [Operation.Use(.debugVCPU, onlyWith: listener)],
        workers: [
            WorkerSpecification(
                "the debugger",
                systemCalls: systemCalls
                    + GuestThreads.systemCalls(areEnded: false, onlyWith: listener))
        ])

    private static let systemCalls: [SystemCallSpecification] =
        [
            SystemCallSpecification("pread64", [.descriptor(argument: 0, memory)]),
            SystemCallSpecification("pwrite64", [.descriptor(argument: 0, memory)]),
            SystemCallSpecification("accept4", [.descriptor(argument: 0, listener)]),
            // A new connection is moved to the fixed number (dup3), and its own number is closed.
            SystemCallSpecification("dup3", [.descriptor(argument: 1, connection)]),
            SystemCallSpecification("close", onlyWith: listener),
            SystemCallSpecification("recvfrom", [.descriptor(argument: 0, connection)]),
            SystemCallSpecification(
                "sendto", [.descriptor(argument: 0, connection), .toConnectedPeer]),
            SystemCallSpecification(
                "ppoll", [.equals(argument: 1, 2, name: "two descriptors")], onlyWith: listener),
            SystemCallSpecification("read", [.descriptor(argument: 0, event)]),
            SystemCallSpecification("write", [.descriptor(argument: 0, event)]),
            // The heap, if it outgrows the reservation.
            SystemCallSpecification("brk", onlyWith: listener),
        ]
}
