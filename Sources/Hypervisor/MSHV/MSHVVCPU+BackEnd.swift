import CLinux
import Rules

extension MSHVVCPU {
    public static var backEnd: BackEnd {
        BackEnd(
            name: "MSHV", device: "/dev/mshv",
            debuggingObstacle:
                "Guests on MSHV can't be debugged: this pinnace sets breakpoints on KVM only",
            resetHabit: "as a processor does at a triple fault",
            operations: [Operation.Calls(.runVCPU, runCalls)],
            code: { exit in "message_type=0x" + String(number(of: exit), radix: 16) })
    }

    /// All on a VP that a guest at work needs. The hypercalls that the kernel passes through are
    /// for its registers: to complete a port access if the register page can't be used, and for the
    /// report on a guest that failed. A list as a function of its own, as in `RegisterFilter`.
    @inline(never) private static var runCalls: [SystemCallSpecification] {
        [
            ioctl(LINUX_MSHV_RUN_VP, "MSHV_RUN_VP"),
            ioctl(LINUX_MSHV_ROOT_HVCALL, "MSHV_ROOT_HVCALL"),
            // Once for each VP: whom a signal is for that interrupts it.
            SystemCallSpecification("gettid"),
        ]
    }

    private static func ioctl(_ request: UInt, _ name: String) -> SystemCallSpecification {
        SystemCallSpecification(
            "ioctl",
            [.descriptor(argument: 0, .vcpu), .equals(argument: 1, UInt64(request), name: name)])
    }

    /// The HVMSG_... number of an exit; 0 (HVMSG_NONE) for one that no message tells.
    private static func number(of exit: Exit) -> UInt32 {
        switch exit {
        case .portWrite, .portRead, .portString: LINUX_HV_PORT_INTERCEPT
        case .halt: LINUX_HV_HALT
        case .shutdown: LINUX_HV_UNRECOVERABLE
        case .memoryFault, .mmioRead, .mmioWrite: LINUX_HV_GPA_INTERCEPT
        case .entryFailure: LINUX_HV_INVALID_REGISTER
        case .unknown(let reason): reason
        case .debug, .interrupted, .internalError: 0
        }
    }
}
