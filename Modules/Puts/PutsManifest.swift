import ABI
import HVT
import Rules
import Tender

extension PutsModule {
    static let console: Role = "the console"
    static let socketConsole: Role = "a console that is a socket"
    static let finiteConsole: Role = "a console that can be full"

    public static let manifest = ModuleManifest(
        name: "puts", trait: "Puts", guests: HVTKind.name,
        summary: "writes guests' console output to standard output",
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_PUTS, name: "PUTS", argumentSize: MemoryLayout<hvt_puts>.size)
        ],
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
