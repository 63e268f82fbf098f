import Architecture
import CLinux
import Linux

extension KVMVCPU {
    public func counterFrequency() throws(HypervisorError) -> UInt64 {
        guard features.tellsCounterFrequency else {
            throw .missing(capability: "the TSC frequency")
        }
        let kilohertz = linux_ioctl_value(descriptor.number, LINUX_KVM_GET_TSC_KHZ, 0)
        guard kilohertz >= 0 else {
            let errno = Errno.current
            if errno.code == EIO { throw .unstableCounter }
            throw .failed(operation: "TSC frequency", errno)
        }
        guard kilohertz > 0 else { throw .unstableCounter }
        return UInt64(kilohertz) * 1000
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
        system.apic_base = features.apicBase
        // The kernel reads the structs during the calls.
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_SET_SREGS, &system) == 0 else {
            throw .failed(operation: "set the system registers", .current)
        }
        var general = kvm_regs()
        general.rip = state.entry
        general.rsp = state.stackPointer
        general.rdi = state.arguments.0
        general.rsi = state.arguments.1
        // Bit 1 is reserved and always set.
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
