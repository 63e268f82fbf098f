import Rules

/// What a back end says of itself: for messages, and for the sandbox.
public struct BackEnd: Sendable {
    /// "KVM".
    public let name: String
    /// Its own name and number of an exit: "exit_reason=0x8".
    public let code: @Sendable (Exit) -> String
    /// Why some of its vCPUs can't be debugged (see `VCPU.debugged`): a sentence.
    public let debuggingObstacle: String
    /// When it resets a vCPU that has had a triple fault: "as it does on ...".
    public let resetHabit: String
    /// By which system calls of its own it does what is done to vCPUs while a guest runs.
    public let operations: [Operation.Calls]

    public init(
        name: String, debuggingObstacle: String, resetHabit: String, operations: [Operation.Calls],
        code: @escaping @Sendable (Exit) -> String
    ) {
        self.name = name
        self.code = code
        self.debuggingObstacle = debuggingObstacle
        self.resetHabit = resetHabit
        self.operations = operations
    }
}

extension Operation {
    /// `VCPU.run`.
    public static let runVCPU: Operation = "run a vCPU"
    /// `VCPU.state`, as far as it takes more than `run`.
    public static let readRegisters: Operation = "read a vCPU's registers"
    /// `InterruptCPU.translation`.
    public static let readTranslation: Operation = "read how a vCPU translates addresses"
    /// All of `DebuggedCPU`, as far as it takes more than `run`.
    public static let debugVCPU: Operation = "debug a vCPU"
}

extension Role {
    public static let vcpu: Role = "a vCPU"
    /// See `VCPU.tellsStateByRunning`.
    public static let plainVCPU: Role = "a vCPU whose runs do not bring its registers along"
}

extension Bindings {
    public mutating func bind<CPU: VCPU>(_ vcpu: CPU) {
        state(CPU.backEnd.operations)
        bind(.vcpu, to: vcpu.descriptorNumber)
        if !vcpu.tellsStateByRunning { bind(.plainVCPU, to: vcpu.descriptorNumber) }
    }
}
