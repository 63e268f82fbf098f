import Tender

extension KnownModule {
    /// All modules, in the order of the package's traits.
    public static let all = [
        WalltimeManifest.known,
        PutsManifest.known,
        PollManifest.known,
        HaltManifest.known,
        BlockManifest.known,
        NetManifest.known,
        UhyveManifest.known,
        GdbManifest.known,
        DumpcoreManifest.known,
        TraceManifest.known,
    ]
}

extension ModuleManifest {
    /// The manifests of all modules, including those left out of the build. For documentation and
    /// tests.
    public static let all: [ModuleManifest] = [
        WalltimeManifest.manifest,
        PutsManifest.manifest,
        PollManifest.manifest,
        HaltManifest.manifest,
        BlockManifest.manifest,
        NetManifest.manifest,
        UhyveManifest.manifest,
        GdbManifest.manifest,
        DumpcoreManifest.manifest,
        TraceManifest.manifest,
    ]
}
