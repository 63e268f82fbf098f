/// The guest's fate after a hypercall.
public enum Outcome: Equatable, Sendable {
    case resume
    case halt(Halt)
}

/// A guest's own end.
public struct Halt: Equatable, Sendable {
    /// As the guest passed it; the low 8 bits become the tender's exit status.
    public let exitStatus: Int32
    /// The address of the guest's data on its end, or 0. Checked to be in guest memory.
    public let cookie: GuestAddress

    public init(exitStatus: Int32, cookie: GuestAddress) {
        self.exitStatus = exitStatus
        self.cookie = cookie
    }
}
