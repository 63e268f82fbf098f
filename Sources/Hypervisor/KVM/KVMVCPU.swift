import CLinux
import Linux
import Synchronization

/// A vCPU of KVM's.
public final class KVMVCPU: VCPU {
    let descriptor: FileDescriptor
    let page: RunPage
    private let tellsCounterFrequency: Bool
    /// The model-specific register IA32_APIC_BASE; 0 in a machine without interrupt controllers.
    let apicBase: UInt64
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
}
