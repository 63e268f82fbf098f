import CLinux
import Hypervisor

/// What the core itself does while a guest runs, besides what modules do.
public enum Core {
    public static let vcpu: Role = "a vCPU"
    package static let image: Role = "the image, for its symbols"
    /// The number of the tender's own process, in its PID namespace.
    public static let process: Role = "this process"
    static let plainVCPU: Role = "a vCPU whose runs do not bring its registers along"

    public static let systemCalls = [
        SystemCallSpecification(
            "ioctl",
            [.descriptor(argument: 0, vcpu), .equals(argument: 1, 0xAE80, name: "KVM_RUN")]),
        // Only to say where the guest was when it failed.
        SystemCallSpecification(
            "ioctl",
            [
                .descriptor(argument: 0, plainVCPU),
                .equals(argument: 1, 0x8090_AE81, name: "KVM_GET_REGS"),
            ]),
        SystemCallSpecification(
            "ioctl",
            [
                .descriptor(argument: 0, plainVCPU),
                .equals(argument: 1, 0x8138_AE83, name: "KVM_GET_SREGS"),
            ]),
        // To say in which function it was.
        SystemCallSpecification("pread64", [.descriptor(argument: 0, image)]),
        // Messages.
        SystemCallSpecification("write", [.equals(argument: 0, 2, name: "standard error")]),
        SystemCallSpecification("exit_group"),
    ]
}

extension Bindings {
    /// What every launch knows without its modules.
    mutating func bindProcess() {
        bindNumbers(Core.process) { [UInt64(UInt32(bitPattern: getpid()))] }
    }

    public mutating func bind(_ vcpu: some VCPU) {
        bind(Core.vcpu, to: vcpu.descriptorNumber)
        if !vcpu.tellsStateByRunning { bind(Core.plainVCPU, to: vcpu.descriptorNumber) }
    }
}
