/// The values bound to each role in one launch.
public struct Bindings {
    private var entries: [(role: Role, values: () -> [UInt64])] = []
    /// The roles that are bound to descriptors.
    private var descriptorRoles: [Role] = []
    /// The system calls of the back end's operations.
    private var operations: [Operation.Calls] = []

    public init() {}

    public mutating func bind(_ role: Role, to descriptor: Int32) {
        bindDescriptors(role) { [UInt64(UInt32(bitPattern: descriptor))] }
    }

    /// - Parameter descriptors: called when all modules have attached.
    public mutating func bindDescriptors(_ role: Role, _ descriptors: @escaping () -> [UInt64]) {
        if !descriptorRoles.contains(role) { descriptorRoles.append(role) }
        entries.append((role, descriptors))
    }

    /// - Parameter numbers: called when all modules have attached.
    public mutating func bindNumbers(_ role: Role, _ numbers: @escaping () -> [UInt64]) {
        entries.append((role, numbers))
    }

    /// Sets the system calls of the back end's operations. A launch has one back end.
    public mutating func state(_ operations: [Operation.Calls]) {
        self.operations = operations
    }

    package mutating func add(_ others: Bindings) {
        entries += others.entries
        if operations.isEmpty { operations = others.operations }
        for role in others.descriptorRoles where !descriptorRoles.contains(role) {
            descriptorRoles.append(role)
        }
    }

    package func values(of role: Role) -> [UInt64] {
        var values: [UInt64] = []
        for entry in entries where entry.role == role { values += entry.values() }
        return values
    }

    /// All descriptors bound to a role: those that stay open.
    package var descriptors: [Int32] {
        descriptorRoles.flatMap(values(of:)).map { Int32(truncatingIfNeeded: $0) }
    }

    /// The rules that these specifications resolve to in this launch.
    ///
    /// - Parameters:
    ///   - uses: operations, whose system calls the back end states.
    ///   - owner: the module that makes the calls, or "core".
    package func rules(
        _ specifications: [SystemCallSpecification], doing uses: [Operation.Use] = [],
        of owner: String
    ) -> [SystemCallRule] {
        var all: [SystemCallRule] = []
        for specification in uses.systemCalls(operations) + specifications {
            if let need = specification.need, values(of: need).isEmpty { continue }
            // One rule for each combination of values; none if a role is not bound.
            var rules = [SystemCallRule(owner: owner, name: specification.name)]
            for condition in specification.conditions {
                let (argument, values, mask, meaning) = resolved(condition)
                // Nearly always one, which needs no more copies of the rules.
                if values.count == 1 {
                    for index in rules.indices {
                        rules[index].add(argument, values[0], mask, meaning)
                    }
                    continue
                }
                rules = rules.flatMap { rule in
                    values.map { value in
                        var rule = rule
                        rule.add(argument, value, mask, meaning)
                        return rule
                    }
                }
            }
            all += rules
        }
        return all
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
