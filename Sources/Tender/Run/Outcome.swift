/// What happens to the guest after a hypercall.
public enum Outcome: Equatable, Sendable {
    case resume
    case halt(Halt)
}

/// How a guest ended.
public struct Halt: Equatable, Sendable {
    /// As the guest gave it; its low 8 bits become the tender's exit status.
    public let exitStatus: Int32
    /// Where the guest left word about its end, or 0. Checked to be memory.
    public let cookie: GuestAddress

    public init(exitStatus: Int32, cookie: GuestAddress) {
        self.exitStatus = exitStatus
        self.cookie = cookie
    }
}
