import Tender
import Testing

@testable import Commands

#if Block
    import Block
#endif
#if Dumpcore
    import Dumpcore
#endif
#if Gdb
    import Gdb
#endif
#if Halt
    import Halt
#endif
#if Net
    import Net
#endif
#if Poll
    import Poll
#endif
#if Puts
    import Puts
#endif
#if Trace
    import Trace
#endif
#if Uhyve
    import Uhyve
#endif
#if Walltime
    import Walltime
#endif

/// What is known of modules that may be missing is what they say themselves when they are there.
@Suite struct KnownModuleTests {
    private static var manifests: [ModuleManifest] {
        var manifests: [ModuleManifest] = []
        #if Walltime
            manifests.append(WalltimeModule.manifest)
        #endif
        #if Puts
            manifests.append(PutsModule.manifest)
        #endif
        #if Poll
            manifests.append(PollModule.manifest)
        #endif
        #if Halt
            manifests.append(HaltModule.manifest)
        #endif
        #if Block
            manifests.append(BlockModule.manifest)
        #endif
        #if Net
            manifests.append(NetModule.manifest)
        #endif
        #if Gdb
            manifests.append(GdbModule.manifest)
        #endif
        #if Dumpcore
            manifests.append(DumpcoreModule.manifest)
        #endif
        #if Trace
            manifests.append(TraceModule.manifest)
        #endif
        #if Uhyve
            manifests.append(UhyveModule.manifest)
        #endif
        return manifests
    }

    @Test func `the table agrees with the modules`() throws {
        for manifest in Self.manifests {
            let known = try #require(KnownModule.all.first { $0.name == manifest.name })
            #expect(known.trait == manifest.trait)
            let hypercalls = manifest.hypercalls.filter { !$0.isPort }.map(\.number)
            #expect(known.hypercalls.sorted() == hypercalls.sorted())
            #expect(known.devices == manifest.devices)
            let options = manifest.observes ? manifest.options.map(\.name) : []
            #expect(known.options == options)
        }
    }

    @Test func `every hypercall has one module`() {
        #expect(KnownModule.all.flatMap(\.hypercalls).sorted() == Array(1...8))
    }
}
