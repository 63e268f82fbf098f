/// A system call that a module makes while the guest runs.
public struct SystemCallSpecification: Sendable {
    /// A condition on one argument, counted from 0.
    public enum Condition: Sendable {
        /// It is a descriptor that was opened for this.
        case descriptor(argument: Int, Role)
        /// It is a number that the launch decides.
        case number(argument: Int, Role)
        /// It has this value; the name is the kernel's.
        case equals(argument: Int, UInt64, name: String)
        /// Its bits outside `freeBits` are those of a number that the launch decides: it is the address
        /// of one of the entries of a table.
        case masked(argument: Int, Role, freeBits: UInt64)

        /// That sendto goes to the other end of the socket, and to no address.
        public static let toConnectedPeer = Condition.equals(argument: 4, 0, name: "no address")
    }

    /// The kernel's name: "pread64".
    public let name: String
    public let conditions: [Condition]
    /// What must be there for the call to be made at all.
    public let need: Role?

    /// - Parameter need: only launches that have it make the call; nil if all do.
    public init(_ name: String, _ conditions: [Condition] = [], onlyWith need: Role? = nil) {
        self.name = name
        self.conditions = conditions
        self.need = need
    }
}

/// What a launch fills in where a manifest can only describe: a descriptor or a number.
public struct Role: Equatable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// In words, such as "an attached block device".
    public let description: String

    public init(stringLiteral description: String) {
        self.description = description
    }
}

/// What fills which role in one launch.
public struct Bindings {
    private var entries: [(role: Role, values: () -> [UInt64])] = []
    /// The descriptors among them.
    private var descriptorRoles: [Role] = []

    public init() {}

    public mutating func bind(_ role: Role, to descriptor: Int32) {
        bindDescriptors(role) { [UInt64(UInt32(bitPattern: descriptor))] }
    }

    /// - Parameter descriptors: asked for once all modules have attached.
    public mutating func bindDescriptors(_ role: Role, _ descriptors: @escaping () -> [UInt64]) {
        if !descriptorRoles.contains(role) { descriptorRoles.append(role) }
        entries.append((role, descriptors))
    }

    /// - Parameter numbers: asked for once all modules have attached.
    public mutating func bindNumbers(_ role: Role, _ numbers: @escaping () -> [UInt64]) {
        entries.append((role, numbers))
    }

    mutating func add(_ others: Bindings) {
        entries += others.entries
        for role in others.descriptorRoles where !descriptorRoles.contains(role) {
            descriptorRoles.append(role)
        }
    }

    func values(of role: Role) -> [UInt64] {
        entries.filter { $0.role == role }.flatMap { $0.values() }
    }

    /// All descriptors that fill a role: those that stay open.
    var descriptors: [Int32] {
        descriptorRoles.flatMap(values(of:)).map { Int32(truncatingIfNeeded: $0) }
    }

    /// What these specifications come to in this launch.
    ///
    /// - Parameter owner: whose they are.
    func rules(_ specifications: [SystemCallSpecification], of owner: String) -> [SystemCallRule] {
        specifications.flatMap { specification -> [SystemCallRule] in
            if let need = specification.need, values(of: need).isEmpty { return [] }
            // One rule for each combination of values; none, if a role is not filled.
            var rules = [SystemCallRule(owner: owner, name: specification.name)]
            for condition in specification.conditions {
                let (argument, values, mask, meaning) = resolved(condition)
                rules = rules.flatMap { rule in
                    values.map { rule.adding(argument, $0, mask, meaning) }
                }
            }
            return rules
        }
    }

    private func resolved(
        _ condition: SystemCallSpecification.Condition
    ) -> (argument: Int, values: [UInt64], mask: UInt64, meaning: String) {
        switch condition {
        case .descriptor(let argument, let role), .number(let argument, let role):
            (argument, values(of: role), .max, role.description)
        case .equals(let argument, let value, let name): (argument, [value], .max, name)
        case .masked(let argument, let role, let freeBits):
            (argument, values(of: role), ~freeBits, role.description)
        }
    }
}

/// A system call that one launch may make, with the values that its arguments must have.
public struct SystemCallRule: Sendable {
    public struct Argument: Sendable {
        /// Counted from 0.
        public let index: Int
        public let value: UInt64
        /// Which bits of the argument count: nearly always all.
        public let mask: UInt64
        /// In words.
        public let meaning: String
    }

    /// The module that makes the call, or "core".
    public let owner: String
    /// The kernel's name.
    public let name: String
    public private(set) var arguments: [Argument] = []

    init(owner: String, name: String) {
        self.owner = owner
        self.name = name
    }

    fileprivate func adding(
        _ index: Int, _ value: UInt64, _ mask: UInt64, _ meaning: String
    ) -> SystemCallRule {
        var rule = self
        rule.arguments.append(
            Argument(index: index, value: value, mask: mask, meaning: meaning))
        return rule
    }
}
