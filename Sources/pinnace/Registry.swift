import BuiltIn
import Commands
import Elftool
import HVT
import Hypervisor
import Manifests
import Programs
import Tender

#if Uhyve
    import Uhyve
#endif

/// The modules, kinds of guests and back ends of this build.
func registry() -> Registry {
    let modules = modules()
    let kvm = registry(modules, on: KVMVCPU.backEnd) { () throws(HypervisorError) in
        try KVM().makeMachine()
    }
    #if MSHV
        let reason =
            ", which needs interrupt controllers: this pinnace has them on KVM only (/dev/kvm)"
        let mshv = registry(
            modules.map { $0.refusingGuests(because: reason) },
            on: MSHVVCPU<MSHVSystemCalls>.backEnd
        ) { () throws(HypervisorError) in
            try MSHV(MSHVSystemCalls()).makeMachine()
        }
        return .choosing(among: kvm, mshv)
    #else
        return kvm
    #endif
}

private func registry<Host: Machine & ~Copyable>(
    _ modules: [RegisteredModule], on backEnd: BackEnd,
    makingMachine makeMachine: @escaping () throws(HypervisorError) -> Host
) -> Registry {
    let solo5 = HVTKind.running(KnownModule.all, in: makeMachine)
    return Registry(
        modules: modules, known: KnownModule.all,
        kinds: [solo5] + modules.compactMap { $0.guestKind }, backEnd: backEnd,
        tryHypervisor: { () throws(HypervisorError) in _ = try makeMachine() })
}

/// The programs that this one can stand in for.
func personas() -> [any Persona] {
    var personas: [any Persona] = [Solo5Persona(), ElftoolPersona()]
    #if Uhyve
        personas.append(UhyvePersona())
    #endif
    return personas
}

/// The modules, with those that add kinds of guests.
private func modules() -> [RegisteredModule] {
    #if Uhyve
        let hermit = UhyveModule.registered { () throws(HypervisorError) in
            try KVM().makeMachine()
        }
        return BuiltIn.modules + [hermit]
    #else
        return BuiltIn.modules
    #endif
}
