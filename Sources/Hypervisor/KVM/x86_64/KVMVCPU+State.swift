import Architecture
import CLinux
import Linux

// KVM_RUN itself copies registers out and changed ones in (KVM_CAP_SYNC_REGS; KVM API 5), also with
// immediate_exit set. So a sandbox need not allow other ioctls.
extension KVMVCPU {
    /// Whether `state` needs no system call except `run`'s (KVM_CAP_SYNC_REGS).
    var tellsStateByRunning: Bool { features.canSynchronize }

    /// KVM_RUN sets them itself.
    @inline(__always)
    func setChangedRegisters() throws(HypervisorError) {}

    /// The exit of an instruction that KVM can't emulate.
    static var emulationExit: Int32 { KVM_EXIT_INTERNAL_ERROR }

    /// The exit that an error of KVM_RUN stands for, if any.
    func exit(_ errno: Errno) -> Exit? { nil }

    public func state() throws(HypervisorError) -> Registers {
        guard features.canSynchronize else {
            try runNothing()
            return Registers(try registers(), try systemRegisters())
        }
        return try page.withRegisters { () throws(HypervisorError) in try runNothing() }
    }

    func registers() throws(HypervisorError) -> kvm_regs {
        var registers = kvm_regs()
        // The kernel fills in the struct during the call.
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_GET_REGS, &registers) == 0 else {
            throw .failed(operation: "read the registers", .current)
        }
        return registers
    }

    func systemRegisters() throws(HypervisorError) -> kvm_sregs {
        var system = kvm_sregs()
        // The kernel fills in the struct during the call.
        guard unsafe linux_ioctl(descriptor.number, LINUX_KVM_GET_SREGS, &system) == 0 else {
            throw .failed(operation: "read the system registers", .current)
        }
        return system
    }

    public var debugged: (any DebuggedCPU)? { features.canSynchronize ? self : nil }
}

extension KVMVCPU {
    public var emulationFailure: EmulationFailure? {
        page.failedInstruction.map {
            EmulationFailure(
                instruction: $0,
                privilegedReason: linux_has_virtualization() != 0
                    ? nil
                    : "this host's KVM emulates ring 0, for its processor has neither VMX nor SVM")
        }
    }
}

extension KVMVCPU: DebuggedCPU {
    public func setState(_ state: Registers) throws(HypervisorError) {
        // Pending I/O would be completed on the new registers: complete it first.
        let old = try self.state()
        page.change(from: old, to: state)
        try runNothing()
    }
}

extension Registers {
    init(_ general: kvm_regs, _ system: kvm_sregs) {
        self.init()
        (rax, rbx, rcx, rdx) = (general.rax, general.rbx, general.rcx, general.rdx)
        (rsi, rdi, rbp, rsp) = (general.rsi, general.rdi, general.rbp, general.rsp)
        (r8, r9, r10, r11) = (general.r8, general.r9, general.r10, general.r11)
        (r12, r13, r14, r15) = (general.r12, general.r13, general.r14, general.r15)
        (rip, rflags) = (general.rip, general.rflags)
        (cs, ss, ds) = (Segment(system.cs), Segment(system.ss), Segment(system.ds))
        (es, fs, gs) = (Segment(system.es), Segment(system.fs), Segment(system.gs))
        (cr0, cr2, cr3, cr4) = (system.cr0, system.cr2, system.cr3, system.cr4)
        efer = system.efer
    }
}

extension Registers.Segment {
    fileprivate init(_ segment: kvm_segment) {
        self.init()
        (selector, base) = (segment.selector, segment.base)
    }
}

extension kvm_regs {
    init(_ state: Registers) {
        self.init()
        (rax, rbx, rcx, rdx) = (state.rax, state.rbx, state.rcx, state.rdx)
        (rsi, rdi, rbp, rsp) = (state.rsi, state.rdi, state.rbp, state.rsp)
        (r8, r9, r10, r11) = (state.r8, state.r9, state.r10, state.r11)
        (r12, r13, r14, r15) = (state.r12, state.r13, state.r14, state.r15)
        (rip, rflags) = (state.rip, state.rflags)
    }
}

extension kvm_sregs {
    /// Sets the fields that a `Registers` has.
    mutating func take(_ state: Registers) {
        (cr0, cr2, cr3, cr4) = (state.cr0, state.cr2, state.cr3, state.cr4)
        efer = state.efer
        cs.take(state.cs)
        ss.take(state.ss)
        ds.take(state.ds)
        es.take(state.es)
        fs.take(state.fs)
        gs.take(state.gs)
    }
}

extension kvm_segment {
    fileprivate mutating func take(_ segment: Registers.Segment) {
        (selector, base) = (segment.selector, segment.base)
    }
}
