import Tender

extension TraceModule {
    public static let manifest = ModuleManifest(
        name: "trace", trait: "Trace", summary: "records what a guest calls", observes: true)
}
