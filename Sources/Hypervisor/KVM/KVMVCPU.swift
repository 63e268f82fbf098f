import CLinux
import Linux
import Synchronization

/// A vCPU of KVM's.
public final class KVMVCPU: VCPU {
    let descriptor: FileDescriptor
    let page: RunPage
    private let tellsCounterFrequency: Bool
    /// The model-specific register IA32_APIC_BASE; 0 in a machine without interrupt controllers.
    private let apicBase: UInt64
    /// Whether runs can bring registers along and take them back (KVM_CAP_SYNC_REGS).
    let canSynchronize: Bool
    /// Whether a run is to end, and none has for that reason.
    let isExitRequested = Atomic(false)
    /// The exit that came while registers were read. The next run returns it, and does nothing else.
    var early: Exit?

    init(
        descriptor: consuming FileDescriptor, page: consuming RunPage, tellsCounterFrequency: Bool,
        apicBase: UInt64, canSynchronize: Bool
    ) {
        self.descriptor = descriptor
        self.page = page
        self.tellsCounterFrequency = tellsCounterFrequency
        self.apicBase = apicBase
        self.canSynchronize = canSynchronize
    }

    @inline(__always)
    public func run() throws(HypervisorError) -> Exit {
        if linux_ioctl_value(descriptor.number, LINUX_KVM_RUN, 0) == 0 {
            return page.exit
        }
        let errno = Errno.current
        switch errno.code {
        case EINTR:
            return earlyExit()
        case EFAULT, EHWPOISON:
            return .memoryFault(address: page.faultAddress)
        default:
            throw .failed(operation: "run the guest", errno)
        }
    }

    public func finishRead(_ value: UInt64) {
        page.finishRead(value)
    }

    public func counterFrequency() throws(HypervisorError) -> UInt64 {
        guard tellsCounterFrequency else { throw .missing(capability: "the TSC frequency") }
        let kilohertz = linux_ioctl_value(descriptor.number, LINUX_KVM_GET_TSC_KHZ, 0)
        guard kilohertz >= 0 else {
            let errno = Errno.current
            if errno.code == EIO { throw .unstableCounter }
            throw .failed(operation: "TSC frequency", errno)
        }
        guard kilohertz > 0 else { throw .unstableCounter }
        return UInt64(kilohertz) * 1000
    }

    public var descriptorNumber: Int32 { descriptor.number }

    public func prefetchRegisters() {
        page.hasRegisters = canSynchronize
    }

    func registers() throws(HypervisorError) -> kvm_regs {
        var registers = kvm_regs()
        // The kernel fills in the struct during the call.
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_GET_REGS, &registers) == 0 else {
            throw .failed(operation: "read the registers", .current)
        }
        return registers
    }

    public func load(_ state: BootState) throws(HypervisorError) {
        var system = kvm_sregs()
        system.cr0 = state.cr0
        system.cr3 = state.cr3
        system.cr4 = state.cr4
        system.efer = state.efer
        system.cs = kvm_segment(state.code)
        system.ss = kvm_segment(state.data)
        system.ds = system.ss
        system.es = system.ss
        system.fs = kvm_segment(state.threadLocal)
        system.gs = system.fs
        system.gdt.base = state.gdtBase
        system.gdt.limit = state.gdtLimit
        system.idt.base = state.idtBase
        system.idt.limit = state.idtLimit
        // Entry fails unless TR holds a busy 64-bit TSS (Intel SDM volume 3, 27.3.1.2).
        system.tr.base = state.taskBase
        system.tr.limit = state.taskLimit
        system.tr.type = 11
        system.tr.present = 1
        system.ldt.unusable = 1
        system.apic_base = apicBase
        // The kernel reads the structs during the calls.
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_SET_SREGS, &system) == 0 else {
            throw .failed(operation: "set the system registers", .current)
        }
        var general = kvm_regs()
        general.rip = state.entry
        general.rsp = state.stackPointer
        general.rdi = state.arguments.0
        general.rsi = state.arguments.1
        // Bit 1 is always set.
        general.rflags = 2
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_SET_REGS, &general) == 0 else {
            throw .failed(operation: "set the registers", .current)
        }
    }
}

extension kvm_segment {
    init(_ segment: BootState.Segment) {
        self.init()
        selector = segment.selector
        limit = .max
        type = segment.type
        s = 1
        present = 1
        g = 1
        l = segment.long ? 1 : 0
        db = segment.long ? 0 : 1
    }
}
