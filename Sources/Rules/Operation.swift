/// An operation on a vCPU or VM. The back end states its system calls; the core and the modules
/// state their use of it.
public struct Operation: Equatable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// In words, such as "run a vCPU".
    public let description: String

    public init(stringLiteral description: String) {
        self.description = description
    }

    /// The system calls of one operation on a back end.
    public struct Calls: Sendable {
        public let operation: Operation
        public let systemCalls: [SystemCallSpecification]

        public init(_ operation: Operation, _ systemCalls: [SystemCallSpecification]) {
            self.operation = operation
            self.systemCalls = systemCalls
        }
    }

    /// A use of an operation while the guest runs, by the core or a module.
    public struct Use: Sendable {
        public let operation: Operation
        /// The role that a launch must have bound for this use; nil if every launch has it.
        public let need: Role?

        /// - Parameter need: the role that a launch must have bound for this use; nil if every
        ///   launch has it.
        public init(_ operation: Operation, onlyWith need: Role? = nil) {
            self.operation = operation
            self.need = need
        }
    }
}

extension [Operation.Use] {
    /// The system calls of these operations, out of the back end's list.
    public func systemCalls(_ stated: [Operation.Calls]) -> [SystemCallSpecification] {
        flatMap { use in
            stated.filter { $0.operation == use.operation }.flatMap { $0.systemCalls }.map {
                SystemCallSpecification($0.name, $0.conditions, onlyWith: use.need ?? $0.need)
            }
        }
    }
}
