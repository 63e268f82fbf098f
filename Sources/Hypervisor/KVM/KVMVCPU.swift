import CLinux
import Linux
import Synchronization

/// A KVM vCPU.
public final class KVMVCPU: VCPU {
    let descriptor: FileDescriptor
    let page: RunPage
    private let tellsCounterFrequency: Bool
    /// MSR IA32_APIC_BASE; 0 in a machine without interrupt controllers.
    let apicBase: UInt64
    /// Whether KVM_RUN can copy registers out and in (KVM_CAP_SYNC_REGS).
    let canSynchronize: Bool
    /// Whether an exit is requested that no run has returned yet.
    let isExitRequested = Atomic(false)
    /// An exit that occurred while registers were read. The next run returns it without entering
    /// the guest.
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
}
