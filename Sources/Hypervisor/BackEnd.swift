import CLinux
import Rules

/// A hypervisor back end's names and system calls, for messages and the sandbox.
public struct BackEnd: Sendable {
    /// The name: "KVM".
    public let name: String
    /// The device's file: "/dev/kvm".
    public let device: String
    /// The back end's code of an exit: "exit_reason=0x8".
    public let code: @Sendable (Exit) -> String
    /// The reason if a vCPU can't be debugged (see `VCPU.debugged`): a sentence.
    public let debuggingObstacle: String
    /// The condition under which it resets a vCPU after a triple fault: "as it does on ...".
    public let resetHabit: String
    /// The system calls that implement each operation on vCPUs while a guest runs.
    public let operations: [Operation.Calls]

    public init(
        name: String, device: String, debuggingObstacle: String, resetHabit: String,
        operations: [Operation.Calls], code: @escaping @Sendable (Exit) -> String
    ) {
        self.name = name
        self.device = device
        self.code = code
        self.debuggingObstacle = debuggingObstacle
        self.resetHabit = resetHabit
        self.operations = operations
    }

    /// The value of `--hypervisor` that selects it: the device's name, "kvm".
    public var choice: String {
        String(decoding: device.utf8.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
    }

    /// Whether the device's file is there, usable or not.
    public var isPresent: Bool {
        // The C string lives as long as the call.
        unsafe access(device, F_OK) == 0
    }
}

extension Operation {
    /// `VCPU.run`.
    public static let runVCPU: Operation = "run a vCPU"
    /// `VCPU.state`, if it needs calls besides `run`'s.
    public static let readRegisters: Operation = "read a vCPU's registers"
    /// `InterruptCPU.translation`.
    public static let readTranslation: Operation = "read how a vCPU translates addresses"
    /// All of `DebuggedCPU` that needs calls besides `run`'s.
    public static let debugVCPU: Operation = "debug a vCPU"
}

extension Role {
    public static let vcpu: Role = "a vCPU"
    /// A vCPU without KVM_CAP_SYNC_REGS.
    public static let plainVCPU: Role = "a vCPU whose runs do not bring its registers along"
}

extension Bindings {
    public mutating func bind<CPU: VCPU>(_ vcpu: CPU) {
        state(CPU.backEnd.operations)
        vcpu.bind(in: &self)
    }
}
