import HVT
import Manifests
import Tender
import Testing

/// What builds know of modules that they lack.
@Suite struct KnownModuleTests {
    @Test func `each module is known once, by what it states itself`() {
        #expect(KnownModule.all.map(\.name) == ModuleManifest.all.map(\.name))
        for (known, manifest) in zip(KnownModule.all, ModuleManifest.all) {
            #expect(known.trait == manifest.trait && known.guests == manifest.guests)
            #expect(known.devices == manifest.devices)
            #expect(known.options.isEmpty == (!manifest.observes || manifest.options.isEmpty))
            #expect(manifest.name == manifest.trait.lowercased())
        }
        #expect(Set(KnownModule.all.map(\.name)).count == KnownModule.all.count)
        let personas = KnownModule.all.flatMap(\.personas)
        #expect(Set(personas).count == personas.count)
    }

    @Test func `every hypercall has one module`() {
        let solo5 = KnownModule.all.filter { $0.guests == HVTKind.name }
        let numbers = solo5.flatMap(\.hypercalls).map(\.number)
        #expect(Set(numbers).count == numbers.count)
        #expect(Set(numbers).isSuperset(of: 1...8))
    }

    @Test func `what a guest can ask for has an owner`() {
        let known = KnownModule.all
        #expect(known.serving(DeviceType.block)?.name == "block")
        #expect(known.serving(DeviceType.net)?.name == "net")
        #expect(known.offering("gdb-port")?.name == "gdb")
        #expect(known.offering("block") == nil)
        #expect(known.bringing(command: "trace")?.name == "trace")
        #expect(known.bringing(persona: "uhyve")?.name == "uhyve")
        #expect(
            known.offering("dumpcore")?.absence
                == "this pinnace was built without module dumpcore (trait Dumpcore)")
    }
}
