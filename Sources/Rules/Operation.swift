/// Something that is done to what runs the guest, such as a vCPU. By which system calls, the back end
/// states; who needs it, the core and the modules.
public struct Operation: Equatable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// In words, such as "run a vCPU".
    public let description: String

    public init(stringLiteral description: String) {
        self.description = description
    }

    /// What a back end states about one operation.
    public struct Calls: Sendable {
        public let operation: Operation
        public let systemCalls: [SystemCallSpecification]

        public init(_ operation: Operation, _ systemCalls: [SystemCallSpecification]) {
            self.operation = operation
            self.systemCalls = systemCalls
        }
    }

    /// That someone needs an operation while the guest runs.
    public struct Use: Sendable {
        public let operation: Operation
        /// What must be there for it to be done at all.
        public let need: Role?

        /// - Parameter need: only launches that have it do it; nil if all do.
        public init(_ operation: Operation, onlyWith need: Role? = nil) {
            self.operation = operation
            self.need = need
        }
    }
}

extension [Operation.Use] {
    /// The system calls that they take, of those that a back end states.
    public func systemCalls(_ stated: [Operation.Calls]) -> [SystemCallSpecification] {
        flatMap { use in
            stated.filter { $0.operation == use.operation }.flatMap { $0.systemCalls }.map {
                SystemCallSpecification($0.name, $0.conditions, onlyWith: use.need ?? $0.need)
            }
        }
    }
}
