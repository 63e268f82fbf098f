// The architecture that this is compiled for. Each architecture has types of these names in its
// folder; the layers above use only the names below.
#if arch(x86_64)
    public typealias Registers = X86_64.Registers
    public typealias FloatingPointState = X86_64.FloatingPointState
    public typealias BootState = X86_64.BootState
    public typealias AddressTranslation = X86_64.AddressTranslation
    public typealias ExceptionTable = X86_64.ExceptionTable
    public typealias GuestException = X86_64.GuestException
    public typealias TrapFrame = X86_64.TrapFrame
    public typealias Breakpoint = X86_64.Breakpoint
    public typealias RegisterFile = X86_64.RegisterFile
    public typealias TargetDescription = X86_64.TargetDescription
#endif
