/// A system call that a back end, the core or a module makes while the guest runs.
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
