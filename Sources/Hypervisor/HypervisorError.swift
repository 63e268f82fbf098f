/// Why there is no virtual machine, or no more.
public struct HypervisorError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line that the operator reads, in the back end's words: which back end, what it could not
    /// do, why, and what may help.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
