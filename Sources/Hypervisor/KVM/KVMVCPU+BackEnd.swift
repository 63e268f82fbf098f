import CLinux
import Linux
import Rules

extension KVMVCPU {
    public static var backEnd: BackEnd {
        BackEnd(
            name: "KVM", device: "/dev/kvm",
            debuggingObstacle:
                "This kernel's KVM can't be debugged with: it lacks KVM_CAP_SYNC_REGS",
            resetHabit: "as it does on AMD processors",
            operations: [
                Operation.Calls(.runVCPU, [ioctl(LINUX_KVM_RUN, "KVM_RUN")]),
                Operation.Calls(.readRegisters, registerCalls),
                Operation.Calls(.readTranslation, translationCalls),
                Operation.Calls(.debugVCPU, debuggingCalls),
            ],
            code: { exit in "exit_reason=0x" + String(number(of: exit), radix: 16) })
    }

    /// The second role's calls read registers, which KVM_RUN does as well with KVM_CAP_SYNC_REGS.
    public func bind(in bindings: inout Bindings) {
        bindings.bind(.vcpu, to: descriptor.number)
        if !tellsStateByRunning { bindings.bind(.plainVCPU, to: descriptor.number) }
    }

    /// An ioctl on a vCPU.
    static func ioctl(
        _ request: UInt, _ name: String, of vcpu: Role = .vcpu
    ) -> SystemCallSpecification {
        SystemCallSpecification(
            "ioctl",
            [.descriptor(argument: 0, vcpu), .equals(argument: 1, UInt64(request), name: name)])
    }

    /// The KVM_EXIT_* number of an exit (KVM API 5).
    private static func number(of exit: Exit) -> UInt32 {
        let number =
            switch exit {
            case .portWrite, .portRead, .portString: KVM_EXIT_IO
            case .debug: KVM_EXIT_DEBUG
            case .halt: KVM_EXIT_HLT
            case .mmioWrite, .mmioRead: KVM_EXIT_MMIO
            case .shutdown: KVM_EXIT_SHUTDOWN
            case .entryFailure: KVM_EXIT_FAIL_ENTRY
            case .internalError(suberror: EmulationFailure.suberror): emulationExit
            case .interrupted: KVM_EXIT_INTR
            case .internalError: KVM_EXIT_INTERNAL_ERROR
            case .memoryFault: KVM_EXIT_MEMORY_FAULT
            case .unknown(let reason): Int32(bitPattern: reason)
            }
        return UInt32(bitPattern: number)
    }
}
