/// A system call that a back end, the core or a module makes while the guest runs.
public struct SystemCallSpecification: Sendable {
    /// A condition on one argument, counted from 0.
    public enum Condition: Sendable {
        /// The argument is a descriptor bound to this role.
        case descriptor(argument: Int, Role)
        /// The argument is a number bound to this role.
        case number(argument: Int, Role)
        /// The argument has this value; the name is the kernel's.
        case equals(argument: Int, UInt64, name: String)
        /// The argument's bits outside `freeBits` equal those of a number bound to this role: the
        /// address of an entry of a table.
        case masked(argument: Int, Role, freeBits: UInt64)

        /// A sendto(2) to the connected peer, without an address.
        public static let toConnectedPeer = Condition.equals(argument: 4, 0, name: "no address")
    }

    /// The kernel's name: "pread64".
    public let name: String
    public let conditions: [Condition]
    /// The role that a launch must have bound to make the call; nil if every launch does.
    public let need: Role?

    /// - Parameter need: the role that a launch must have bound to make the call; nil if every
    ///   launch does.
    public init(_ name: String, _ conditions: [Condition] = [], onlyWith need: Role? = nil) {
        self.name = name
        self.conditions = conditions
        self.need = need
    }
}

/// A placeholder in a manifest that a launch binds to descriptors or numbers.
public struct Role: Equatable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// In words, such as "an attached block device".
    public let description: String

    public init(stringLiteral description: String) {
        self.description = description
    }

    /// A launch compares many roles, of which few are equal: nearly always the size tells.
    public static func == (one: Role, other: Role) -> Bool {
        one.description.utf8.count == other.description.utf8.count
            && one.description == other.description
    }
}
