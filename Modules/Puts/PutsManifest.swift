import ABI
import Tender

extension PutsModule {
    public static let manifest = ModuleManifest(
        name: "puts", trait: "Puts",
        summary: "writes guests' console output to standard output",
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_PUTS, name: "PUTS", argumentSize: MemoryLayout<hvt_puts>.size)
        ],
        systemCalls: [
            SystemCallSpecification("write", [.descriptor(argument: 0, "the console")]),
            // Only if the console is a socket.
            SystemCallSpecification("sendto", [.descriptor(argument: 0, "the console")]),
            // Only if the console is full.
            SystemCallSpecification("ppoll"),
        ])
}
