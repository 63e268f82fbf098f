import Architecture
import Hypervisor

extension ExceptionTable {
    /// The exception that an exit reports, if the table made it; the vCPU's registers are set back to
    /// their values at the exception.
    ///
    /// On a KVM that can't change registers during a pending port write (before Linux 4.17), the
    /// vCPU stays in the table, and `GuestException.apply` is needed.
    @inline(never)
    public func take(_ exit: Exit, of vcpu: some VCPU, _ memory: GuestMemory) -> GuestException? {
        guard Self.makes(exit), var state = try? vcpu.state(),
            let exception = exception(state, memory)
        else { return nil }
        exception.apply(to: &state)
        try? vcpu.debugged?.setState(state)
        return exception
    }
}

extension X86_64.ExceptionTable {
    /// Stubs exit by a port write (OUT).
    static func makes(_ exit: Exit) -> Bool {
        if case .portWrite(Self.port, 1, _) = exit { true } else { false }
    }

    /// The exception from the frame that the processor pushed for the stub.
    func exception(
        _ registers: X86_64.Registers, _ memory: GuestMemory
    ) -> X86_64.GuestException? {
        let space = AddressSpace(memory: memory, translation: registers.translation)
        return exception(registers) { address in
            guard let piece = try? space.physical(address), piece.count >= 8 else { return nil }
            return try? memory.word(at: piece.address)
        }
    }
}

extension AArch64.ExceptionTable {
    /// Vectors exit by a load.
    static func makes(_ exit: Exit) -> Bool { exit == .mmioRead(address: Self.target, width: 4) }

    func exception(
        _ registers: AArch64.Registers, _ memory: GuestMemory
    ) -> AArch64.GuestException? {
        exception(registers)
    }
}
