import ABI
import HVT
import Tender

extension HaltModule {
    public static let manifest = ModuleManifest(
        name: "halt", trait: "Halt", guests: HVTKind.name,
        summary: "lets guests end with a status",
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_HALT, name: "HALT",
                argumentSize: MemoryLayout<hvt_halt>.size)
        ])
}
