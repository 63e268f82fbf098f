import CLinux
import Rules

// The ioctls on a stopped vCPU on aarch64, besides KVM_RUN. Each list is a function of its own: if one
// function has two, Embedded Swift with link-time optimization confuses them.
extension KVMVCPU {
    /// For `state`.
    @inline(never) static var registerCalls: [SystemCallSpecification] {
        [ioctl(LINUX_KVM_GET_ONE_REG, "KVM_GET_ONE_REG", of: .plainVCPU)]
    }

    /// No guest with interrupts runs on this architecture.
    @inline(never) static var translationCalls: [SystemCallSpecification] { [] }

    @inline(never) static var debuggingCalls: [SystemCallSpecification] {
        [
            ioctl(LINUX_KVM_GET_ONE_REG, "KVM_GET_ONE_REG"),
            ioctl(LINUX_KVM_SET_ONE_REG, "KVM_SET_ONE_REG"),
            // Breakpoints and single-stepping.
            ioctl(LINUX_KVM_SET_GUEST_DEBUG, "KVM_SET_GUEST_DEBUG"),
        ]
    }
}
