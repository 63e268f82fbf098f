import Commands
import Elftool
import HVT
import Hypervisor
import Manifests
import Programs
import Tender

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

/// The modules, kinds of guests and back end of this build.
func registry() -> Registry {
    let modules = modules()
    let solo5 = HVTKind.running(KnownModule.all) { () throws(HypervisorError) in
        try KVM().makeMachine()
    }
    return Registry(
        modules: modules, known: KnownModule.all,
        kinds: [solo5] + modules.compactMap { $0.guestKind }, backEnd: KVMVCPU.backEnd,
        tryHypervisor: { () throws(HypervisorError) in _ = try KVM().makeMachine() })
}

/// The programs that this one can stand in for.
func personas() -> [any Persona] {
    var personas: [any Persona] = [Solo5Persona(), ElftoolPersona()]
    #if Uhyve
        personas.append(UhyvePersona())
    #endif
    return personas
}

/// The modules, in the order in which they attach.
private func modules() -> [RegisteredModule] {
    var modules: [RegisteredModule] = []
    #if Walltime
        modules.append(RegisteredModule(WalltimeModule.self))
    #endif
    #if Puts
        modules.append(RegisteredModule(PutsModule.self))
    #endif
    #if Poll
        modules.append(RegisteredModule(PollModule.self))
    #endif
    #if Halt
        modules.append(RegisteredModule(HaltModule.self))
    #endif
    #if Block
        modules.append(RegisteredModule(BlockModule.self))
    #endif
    #if Net
        modules.append(RegisteredModule(NetModule.self))
    #endif
    #if Gdb
        modules.append(RegisteredModule(GdbModule.self))
    #endif
    #if Dumpcore
        modules.append(RegisteredModule(DumpcoreModule.self))
    #endif
    #if Trace
        modules.append(RegisteredModule(TraceModule.self))
    #endif
    #if Uhyve
        modules.append(
            UhyveModule.registered { () throws(HypervisorError) in try KVM().makeMachine() })
    #endif
    return modules
}
