/// A hypervisor failure, at creation or while running.
public struct HypervisorError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operator's line: the back end, the failed operation, the cause, and a remedy.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
