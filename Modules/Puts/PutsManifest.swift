import ABI
import HVT
import Rules
import Tender

/// The manifest of module Puts: its hypercall and system calls.
public enum PutsManifest {
    public static let console: Role = "the console"
    public static let socketConsole: Role = "a console that is a socket"
    public static let finiteConsole: Role = "a console that can be full"

    public static let known = KnownModule(
        name: "puts", trait: "Puts", guests: HVTKind.name,
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_PUTS, name: "PUTS", argumentSize: MemoryLayout<hvt_puts>.size,
                fields: [
                    HypercallField("data", at: 0, size: 8, .buffer(length: "len")),
                    HypercallField("len", at: 8, size: 8),
                ])
        ])

    public static let manifest = ModuleManifest(
        known, summary: "writes guests' console output to standard output",
        systemCalls: [
            SystemCallSpecification("write", [.descriptor(argument: 0, console)]),
            SystemCallSpecification(
                "sendto", [.descriptor(argument: 0, socketConsole), .toConnectedPeer]),
            SystemCallSpecification(
                "ppoll", [.equals(argument: 1, 1, name: "one descriptor")],
                onlyWith: finiteConsole),
            SystemCallSpecification(
                "clock_gettime", [.equals(argument: 0, 1, name: "CLOCK_MONOTONIC")],
                onlyWith: finiteConsole),
        ])
}
