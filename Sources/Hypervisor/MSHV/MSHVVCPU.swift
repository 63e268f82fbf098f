import CLinux
import Linux
import Rules

/// A virtual processor (VP) of the Microsoft Hypervisor.
public final class MSHVVCPU<Device: MSHVDevice>: VCPU {
    private let device: Device
    private let descriptor: FileDescriptor
    private let index: UInt32
    private let counter: MSHVCounter
    private let message = MSHVMessage()
    /// Nil if the hypervisor has none.
    private let page: MSHVRegisterPage?
    private let hypercall: MSHVHypercall<Device>
    private let interruption = MSHVInterruption()

    init(
        _ device: Device, _ descriptor: consuming FileDescriptor, index: UInt32,
        page: consuming MSHVRegisterPage?, counter: MSHVCounter
    ) {
        self.device = device
        self.descriptor = descriptor
        self.index = index
        self.page = page
        self.counter = counter
        hypercall = MSHVHypercall(device)
    }

    @inline(__always)
    public func run() throws(HypervisorError) -> Exit {
        guard interruption.begin() else { return .interrupted }
        do throws(Errno) {
            // The kernel fills in the message.
            _ = unsafe try device.ioctl(descriptor.number, LINUX_MSHV_RUN_VP, message.bytes)
        } catch {
            guard try runAgain(after: error) else { return .interrupted }
        }
        interruption.end()
        let exit = message.exit
        switch exit {
        case .portWrite, .portRead: try complete()
        default: break
        }
        return exit
    }

    /// Runs the VP after the call has failed, for as long as the cause passes.
    ///
    /// - Returns: false if a signal has stopped it.
    @inline(never)
    private func runAgain(after first: Errno) throws(HypervisorError) -> Bool {
        var errno = first
        while errno.code == EAGAIN, !interruption.isRequested {
            do throws(Errno) {
                // As in `run`.
                _ = unsafe try device.ioctl(
                    descriptor.number, LINUX_MSHV_RUN_VP, message.bytes)
                return true
            } catch {
                errno = error
            }
        }
        interruption.forget()
        guard errno.code == EINTR || errno.code == EAGAIN else {
            throw .mshv("run the guest", errno)
        }
        return false
    }

    /// Completes a port access: sets RIP, which the hypervisor leaves at the instruction, to the one
    /// after it. `run` does so before it returns the exit, so that handlers and fault reports see RIP
    /// after the access, as on KVM.
    @inline(__always)
    private func complete() throws(HypervisorError) {
        guard let next = message.nextInstruction else {
            // It would be executed again for ever.
            throw HypervisorError(
                "MSHV: run the guest: the hypervisor does not tell the length of the instruction "
                    + "that accesses a port")
        }
        if page?.setProgramCounter(next) == true { return }
        try hypercall.set(
            MSHVRegister(LINUX_HV_RIP, next), of: index, descriptor.number,
            for: "complete a port access")
    }

    public func requestExit() { interruption.request() }

    public func counterFrequency() throws(HypervisorError) -> UInt64 {
        try counter.checkedFrequency()
    }

    public func bind(in bindings: inout Bindings) {
        bindings.bind(.vcpu, to: descriptor.number)
    }

    // MARK: Registers

    func set(_ registers: [MSHVRegister], for operation: String) throws(HypervisorError) {
        try hypercall.set(registers, of: index, descriptor.number, for: operation)
    }

    func values(of names: [Int], for operation: String) throws(HypervisorError) -> [linux_hv_value]
    {
        try hypercall.values(of: names, of: index, descriptor.number, for: operation)
    }

    /// See `MSHVRegisterPage.nextProgramCounter`.
    var nextProgramCounter: UInt64? {
        guard let address = page?.nextProgramCounter() else { return nil }
        return address
    }

    // MARK: CPUID

    /// Changes what the guest sees of the processor.
    func hideFeatures() throws(HypervisorError) {
        for var result in CPUIDOverride.results(vendor: linux_processor_vendor()) {
            result.vp = index
            try hypercall.override(
                result, of: descriptor.number,
                for: "override CPUID leaf 0x" + String(result.leaf, radix: 16))
        }
    }
}
