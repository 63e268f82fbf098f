import ABI
import Architecture
import Hypervisor
import Linux
import Tender

/// The network ring of one guest: where it lies, and what serves it when the guest kicks.
///
/// A class with a constant closure, so that a kick does no reference counting.
final class PlacedRing {
    let address: GuestAddress
    private let handler: (GuestAddress, GuestMemory) throws(GuestFault) -> Void
    /// To be called when the vCPU was interrupted, and at the guest's end.
    let interrupted: () throws(GuestFault) -> Void
    /// The thread that serves the ring as well, if any.
    let worker: Worker?

    private init(_ ring: SharedRing, at address: GuestAddress) {
        self.address = address
        handler = ring.serve
        interrupted = ring.interrupted
        worker = ring.makeWorker()
    }

    /// Serves the ring.
    @inline(__always)
    func serve(_ memory: GuestMemory) throws(GuestFault) {
        try handler(address, memory)
    }

    @inline(__always)
    static func isKick(_ exit: Exit) -> Bool {
        Native.isKick(exit)
    }

    // MARK: Placing

    /// The memory below which guests refuse to start, past the end of their image, in bytes.
    private static let leastHeap: UInt64 = 512 << 10

    /// Places the ring in the last 2 MiB of memory, if a module offers one, the guest is among those
    /// that get it, and has room for it.
    ///
    /// A recorded guest gets it only if all do, since the record is of hypercalls.
    ///
    /// - Parameters:
    ///   - memory: with the image loaded, and the rest all zeros.
    ///   - warn: prints that there is no room.
    static func placing(
        _ launch: Launch, _ plan: HVTPlan, in memory: GuestMemory, _ warn: (String) -> Void
    ) throws(TenderError) -> PlacedRing? {
        guard let ring = launch.ring else { return nil }
        if ring.offer == .toGuestsThatKnowIt {
            guard launch.observation.tracer == nil,
                try KickScan.finds(in: plan.segments, of: memory), ring.isWorthwhile()
            else { return nil }
        }
        let reservation = UInt64(HVT_RING_RESERVATION)
        let (size, below) = memory.count.subtractingReportingOverflow(reservation)
        guard !below, let needed = plan.image.end.addingIfPossible(leastHeap), needed <= size else {
            warn(
                "\(memory.count >> 20) MiB of memory are too few for the shared network ring, which "
                    + "takes \(reservation >> 20): the guest uses hypercalls instead "
                    + "(try more with --mem)")
            return nil
        }
        let address = GuestAddress(size)
        try wrapping(TenderError.guest) { () throws(GuestFault) in
            try ring.prepare(address, memory)
        }
        return PlacedRing(ring, at: address)
    }
}

extension HVTImage {
    /// The end of its last segment, zeroed memory included.
    fileprivate var end: UInt64 {
        executable.programHeaders.reduce(0) { end, header in
            guard header.type == ELF.loadable, header.memorySize > 0 else { return end }
            return max(end, header.address.addingIfPossible(header.memorySize) ?? .max)
        }
    }
}
