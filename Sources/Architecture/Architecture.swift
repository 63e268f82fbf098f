// The architecture that this is compiled for. Each architecture has types of these names in its
// folder; the layers above use only the names below.
#if arch(x86_64)
    public typealias Native = X86_64
#elseif arch(arm64)
    public typealias Native = AArch64
#endif

public typealias Registers = Native.Registers
public typealias FloatingPointState = Native.FloatingPointState
public typealias BootState = Native.BootState
public typealias AddressTranslation = Native.AddressTranslation
public typealias ExceptionTable = Native.ExceptionTable
public typealias GuestException = Native.GuestException
public typealias TrapFrame = Native.TrapFrame
public typealias Breakpoint = Native.Breakpoint
public typealias RegisterFile = Native.RegisterFile
public typealias TargetDescription = Native.TargetDescription
