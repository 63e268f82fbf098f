import ABI
import HVT
import Tender

/// The manifest of module Halt: its hypercall.
public enum HaltManifest {
    public static let known = KnownModule(
        name: "halt", trait: "Halt", guests: HVTKind.name,
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_HALT, name: "HALT", argumentSize: MemoryLayout<hvt_halt>.size,
                fields: [
                    HypercallField("exit_status", at: 8, size: 4, .signed),
                    HypercallField("cookie", at: 0, size: 8, .address),
                ])
        ])

    public static let manifest = ModuleManifest(
        known, summary: "lets guests end with a status")
}
