import ABI
import HVT
import Rules
import Tender

/// What module Walltime states about itself.
public enum WalltimeManifest {
    public static let known = KnownModule(
        name: "walltime", trait: "Walltime", guests: HVTKind.name,
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_WALLTIME, name: "WALLTIME",
                argumentSize: MemoryLayout<hvt_walltime>.size,
                fields: [HypercallField("nsecs", at: 0, size: 8, .date, .output)])
        ])

    public static let manifest = ModuleManifest(
        known, summary: "tells guests the time of day",
        // The C library asks the vDSO, which makes this call only where a clock source needs it.
        systemCalls: [
            SystemCallSpecification(
                "clock_gettime", [.equals(argument: 0, 0, name: "CLOCK_REALTIME")])
        ])
}
