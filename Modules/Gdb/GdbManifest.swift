import Tender

extension GdbModule {
    public static let manifest = ModuleManifest(
        name: "gdb", trait: "Gdb", summary: "serves the gdb remote protocol", observes: true)
}
