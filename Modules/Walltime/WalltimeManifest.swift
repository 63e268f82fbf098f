import ABI
import HVT
import Rules
import Tender

extension WalltimeModule {
    public static let manifest = ModuleManifest(
        name: "walltime", trait: "Walltime", guests: HVTKind.name,
        summary: "tells guests the time of day",
        hypercalls: [
            HypercallSpecification(
                number: HVT_HYPERCALL_WALLTIME, name: "WALLTIME",
                argumentSize: MemoryLayout<hvt_walltime>.size)
        ],
        // The C library asks the vDSO, which makes this call only where a clock source needs it.
        systemCalls: [
            SystemCallSpecification(
                "clock_gettime", [.equals(argument: 0, 0, name: "CLOCK_REALTIME")])
        ])
}
