/// A ring of requests in memory that a module and the guest share.
///
/// The guest fills the ring and then kicks, once for any number of requests. Its kind decides
/// whether it gets the ring, where the ring lies and what a kick is.
public struct SharedRing {
    /// The guests that get it.
    public enum Offer: Sendable {
        /// Those whose code kicks, where that is worthwhile.
        case toGuestsThatKnowIt
        case toAll
    }

    public let offer: Offer
    /// Whether a guest that knows the ring is better off with it.
    public let isWorthwhile: () -> Bool
    /// Initialises the ring, before the guest's first instruction, in memory that is all zeros.
    public let prepare: (_ ring: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Void
    /// Serves all requests in the ring, at each kick. It never waits for more.
    public let serve: (_ ring: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Void
    /// Called when the vCPU has left the guest since its thread was interrupted, and when it has left it for
    /// good.
    public let interrupted: () throws(GuestFault) -> Void
    /// Makes the worker that serves the ring as well, if any. Called after `prepare`.
    public let makeWorker: () -> Worker?

    public init(
        offer: Offer,
        isWorthwhile: @escaping () -> Bool = { true },
        prepare: @escaping (_ ring: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Void,
        serve: @escaping (_ ring: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Void,
        interrupted: @escaping () throws(GuestFault) -> Void = { () throws(GuestFault) in },
        makeWorker: @escaping () -> Worker? = { nil }
    ) {
        self.offer = offer
        self.isWorthwhile = isWorthwhile
        self.prepare = prepare
        self.serve = serve
        self.interrupted = interrupted
        self.makeWorker = makeWorker
    }
}
