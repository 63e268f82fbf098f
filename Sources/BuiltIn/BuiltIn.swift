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
#if Walltime
    import Walltime
#endif

/// The modules that this build has: the one list of them, for the program and for tests.
public enum BuiltIn {
    /// In the order in which they attach; without those that add a kind of guest, which it takes a
    /// machine to make.
    public static var modules: [RegisteredModule] {
        var modules: [RegisteredModule] = []
        modules.reserveCapacity(16)
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
        return modules
    }
}
