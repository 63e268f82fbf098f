import ABI
import HVT
import Rules
import Tender

/// The manifest of module Walltime: its hypercall and system call.
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
        // Read by the vDSO, which makes this call only with clock sources that it does not support.
        systemCalls: [
            SystemCallSpecification(
                "clock_gettime", [.equals(argument: 0, 0, name: "CLOCK_REALTIME")])
        ])
}
