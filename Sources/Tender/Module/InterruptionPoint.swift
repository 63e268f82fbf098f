import Linux

/// For handlers that wait: what they wait by, and where they look, when that was interrupted,
/// whether somebody wants the guest meanwhile, such as a debugger.
public final class InterruptionPoint {
    public let wait = InterruptibleWait()
    /// Deals with the interruption; the exit status to end with, if the guest is to end.
    package var deal: (() -> Int32?)?
    private var status: Int32?

    public init() {}

    /// Lets whoever wants the guest have it, which may take any time.
    ///
    /// - Returns: whether the guest is to end: the handler returns `outcome` then.
    public func isEnd() -> Bool {
        if let deal, status == nil { status = deal() }
        return status != nil
    }

    /// What to return instead of serving the guest; nil unless it is to end.
    public var outcome: Outcome? { status.map { .halt(.forced($0)) } }
}

extension Halt {
    /// An end that the guest did not choose.
    package static func forced(_ status: Int32) -> Halt {
        Halt(exitStatus: status, cookie: GuestAddress(0))
    }
}
