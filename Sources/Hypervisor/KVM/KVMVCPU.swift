import CLinux
import Linux
import Synchronization

/// A KVM vCPU.
public final class KVMVCPU: VCPU {
    let descriptor: FileDescriptor
    let page: RunPage
    /// The architecture's.
    var features: VCPUFeatures
    /// Whether an exit is requested that no run has returned yet.
    let isExitRequested = Atomic(false)
    /// An exit that occurred while registers were read. The next run returns it without entering
    /// the guest.
    var early: Exit?

    init(
        descriptor: consuming FileDescriptor, page: consuming RunPage, features: VCPUFeatures
    ) {
        self.descriptor = descriptor
        self.page = page
        self.features = features
    }

    @inline(__always)
    public func run() throws(HypervisorError) -> Exit {
        try setChangedRegisters()
        let result = linux_ioctl_directly(descriptor.number, LINUX_KVM_RUN, 0)
        if result == 0 {
            return page.exit
        }
        let errno = Errno(Int32(truncatingIfNeeded: -result))
        switch errno.code {
        case EINTR:
            return earlyExit()
        case EFAULT, EHWPOISON:
            return .memoryFault(address: page.faultAddress)
        default:
            guard let exit = exit(errno) else {
                throw .failed(operation: "run the guest", errno)
            }
            return exit
        }
    }

    public func finishRead(_ value: UInt64) {
        page.finishRead(value)
    }
}
