import Tender

extension DumpcoreModule {
    public static let manifest = ModuleManifest(
        name: "dumpcore", trait: "Dumpcore",
        summary: "keeps what a failed guest leaves as a core file", observes: true)
}
