import Linux

/// The interruptible wait of hypercall handlers, and the check for a request to pause or end the
/// guest, such as a debugger's, when the wait was interrupted.
public final class InterruptionPoint {
    public let wait = InterruptibleWait()
    /// Handles the interruption; returns the exit status if the guest is to end.
    package var deal: (() -> Int32?)?
    private var status: Int32?

    public init() {}

    /// Handles a request to pause the guest, which may take any time.
    ///
    /// - Returns: whether the guest is to end; the handler then returns `outcome`.
    public func isEnd() -> Bool {
        if let deal, status == nil { status = deal() }
        return status != nil
    }

    /// The outcome to return instead of serving the hypercall; nil unless the guest is to end.
    public var outcome: Outcome? { status.map { .halt(.forced($0)) } }
}

extension Halt {
    /// A halt that the guest did not ask for.
    package static func forced(_ status: Int32) -> Halt {
        Halt(exitStatus: status, cookie: GuestAddress(0))
    }
}
