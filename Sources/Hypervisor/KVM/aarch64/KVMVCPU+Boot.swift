import Architecture
import CLinux
import Linux

extension KVMVCPU {
    /// CNTFRQ_EL0, which is the host's.
    public func counterFrequency() throws(HypervisorError) -> UInt64 {
        let frequency = linux_counter_frequency()
        guard frequency > 0 else {
            throw HypervisorError(
                "KVM: the firmware of this host has not set the counter's frequency (CNTFRQ_EL0)")
        }
        return frequency
    }

    public func load(_ state: BootState) throws(HypervisorError) {
        let features = try register(RegisterNumber.mmfr0)
        let physicalSize = AArch64.TranslationControl.physicalSize(memoryFeatures: features)
        // The order does not matter: the vCPU does not run meanwhile.
        try set(RegisterNumber.mair, to: state.mair)
        try set(RegisterNumber.tcr, to: state.tcr | physicalSize)
        try set(RegisterNumber.ttbr0, to: state.ttbr0)
        try set(RegisterNumber.ttbr1, to: state.ttbr1)
        try set(RegisterNumber.vbar, to: state.vbar)
        try set(RegisterNumber.cpacr, to: state.cpacr)
        try set(RegisterNumber.sctlr, to: state.sctlr)
        try set(RegisterNumber.general(0), to: state.argument)
        try set(RegisterNumber.sp1, to: state.stackPointer)
        try set(RegisterNumber.pc, to: state.entry)
        try set(RegisterNumber.pstate, to: state.pstate)
    }

    /// Reads a register of 64 bits (KVM_GET_ONE_REG; KVM API 4.69).
    func register(_ number: UInt64) throws(HypervisorError) -> UInt64 {
        var value: UInt64 = 0
        // The kernel writes the value during the call.
        let result = unsafe withUnsafeMutablePointer(to: &value) {
            unsafe linux_get_register(descriptor.number, number, $0)
        }
        guard result == 0 else {
            throw .failed(operation: "read register 0x\(String(number, radix: 16))", .current)
        }
        return value
    }

    /// Sets a register of 64 bits (KVM_SET_ONE_REG; KVM API 4.68).
    func set(_ number: UInt64, to value: UInt64) throws(HypervisorError) {
        // The kernel reads the value during the call.
        let result = unsafe withUnsafePointer(to: value) {
            unsafe linux_set_register(descriptor.number, number, $0)
        }
        guard result == 0 else {
            throw .failed(operation: "set register 0x\(String(number, radix: 16))", .current)
        }
    }
}
