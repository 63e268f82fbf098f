import Architecture
import Hypervisor

// The stubs of the x86_64 table exit by a port write (OUT).
extension ExceptionTable {
    /// The exception that an exit reports, if a stub made it; the vCPU's registers are set back to
    /// their values at the exception.
    ///
    /// On a KVM that can't change registers during a pending port write (before Linux 4.17), the
    /// vCPU stays at the stub, and `GuestException.apply` is needed.
    @inline(never)
    public func take(_ exit: Exit, of vcpu: some VCPU, _ memory: GuestMemory) -> GuestException? {
        guard case .portWrite(Self.port, 1, _) = exit, var state = try? vcpu.state(),
            let exception = exception(state, memory)
        else { return nil }
        exception.apply(to: &state)
        try? vcpu.debugged?.setState(state)
        return exception
    }

    /// The exception from the frame that the processor pushed for the stub.
    func exception(_ registers: Registers, _ memory: GuestMemory) -> GuestException? {
        let space = AddressSpace(memory: memory, translation: registers.translation)
        return exception(registers) { address in
            guard let place = try? space.physical(address), place.count >= 8 else { return nil }
            return try? memory.word(at: place.address)
        }
    }
}
