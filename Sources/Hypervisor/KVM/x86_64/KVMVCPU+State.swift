import Architecture
import CLinux
import Linux
import Synchronization

// KVM_RUN itself brings the registers along and takes changed ones back (KVM_CAP_SYNC_REGS; KVM API
// 5), also in a run that ends before the guest does anything. So a sandbox need allow nothing else.
extension KVMVCPU {
    public var tellsStateByRunning: Bool { canSynchronize }

    public func state() throws(HypervisorError) -> Registers {
        guard canSynchronize else {
            try runNothing()
            return Registers(try registers(), try systemRegisters())
        }
        return try page.withRegisters { () throws(HypervisorError) in try runNothing() }
    }

    /// Completes what the last exit was about, and stops before the guest's next instruction: after
    /// an OUT, KVM moves RIP past it only with the next run (where it runs on the processor itself).
    private func runNothing() throws(HypervisorError) {
        page.endsAtOnce = true
        defer {
            page.endsAtOnce = early != nil
            // Another thread may ask for it at any time: either it sees this, or we see that.
            if isExitRequested.load(ordering: .sequentiallyConsistent) { page.endsAtOnce = true }
        }
        guard linux_ioctl_value(descriptor.number, LINUX_KVM_RUN, 0) != 0 else {
            // To complete it was an exit by itself: the end of a single step over an OUT.
            early = page.exit
            return
        }
        let errno = Errno.current
        guard errno.code == EINTR else {
            throw .failed(operation: "read the registers", errno)
        }
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

    public var debugged: (any DebuggedCPU)? { canSynchronize ? self : nil }
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

    /// The exit of a run that ended early: the one that came while registers were read, if one did.
    @inline(never)
    func earlyExit() -> Exit {
        guard let exit = early else {
            forgetRequest()
            return .interrupted
        }
        early = nil
        page.endsAtOnce = false
        if isExitRequested.load(ordering: .sequentiallyConsistent) { page.endsAtOnce = true }
        return exit
    }
}

extension KVMVCPU: DebuggedCPU {
    public func setState(_ state: Registers) throws(HypervisorError) {
        // Whatever was not complete would be done to the new registers.
        let old = try self.state()
        page.change(from: old, to: state)
        try runNothing()
    }

    public func requestExit() {
        isExitRequested.store(true, ordering: .sequentiallyConsistent)
        page.endsAtOnce = true
    }

    /// For a run that ended early, before its caller looks for who wanted that: whoever asks from
    /// now on ends the next one.
    private func forgetRequest() {
        isExitRequested.store(false, ordering: .sequentiallyConsistent)
        page.endsAtOnce = false
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
    /// Takes over what a `Registers` has of it.
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
