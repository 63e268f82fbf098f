/// A system call that one launch may make, with the values that its arguments must have.
public struct SystemCallRule: Sendable {
    public struct Argument: Sendable {
        /// Counted from 0.
        public let index: Int
        public let value: UInt64
        /// The bits of the argument that are compared: nearly always all.
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

    mutating func add(_ index: Int, _ value: UInt64, _ mask: UInt64, _ meaning: String) {
        arguments.append(Argument(index: index, value: value, mask: mask, meaning: meaning))
    }
}
