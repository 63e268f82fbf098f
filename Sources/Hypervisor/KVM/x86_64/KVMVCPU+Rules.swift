import CLinux
import Rules

// The ioctls on a stopped vCPU on x86_64, besides KVM_RUN. Each list is a function of its own, as
// in `RegisterFilter`.
extension KVMVCPU {
    /// For `state`, without KVM_CAP_SYNC_REGS.
    @inline(never) static var registerCalls: [SystemCallSpecification] {
        [
            ioctl(LINUX_KVM_GET_REGS, "KVM_GET_REGS", of: .plainVCPU),
            ioctl(LINUX_KVM_GET_SREGS, "KVM_GET_SREGS", of: .plainVCPU),
        ]
    }

    @inline(never) static var translationCalls: [SystemCallSpecification] {
        [ioctl(LINUX_KVM_GET_SREGS, "KVM_GET_SREGS")]
    }

    @inline(never) static var debuggingCalls: [SystemCallSpecification] {
        [
            // Hardware breakpoints and single-stepping.
            ioctl(LINUX_KVM_SET_GUEST_DEBUG, "KVM_SET_GUEST_DEBUG"),
            ioctl(LINUX_KVM_GET_XSAVE, "KVM_GET_XSAVE"),
            ioctl(LINUX_KVM_SET_XSAVE, "KVM_SET_XSAVE"),
        ]
    }
}
