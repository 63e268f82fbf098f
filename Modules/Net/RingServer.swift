import HVT
import Linux
import Tender

/// The network ring as the launch sees it: with a worker where there is a CPU for it.
final class RingServer {
    private let service: RingService
    private let lock: DeviceLock
    private let mayHandOver: Bool
    private let isForWorkerOnly: Bool
    /// Nil if only the vCPU's thread serves the ring. Set before the guest runs.
    private(set) var handover: RingHandover?

    /// In thousandths of a CPU: with less, worker and vCPU would take turns.
    private static let leastShare = 1500

    /// - Parameters:
    ///   - mayHandOver: whether a worker is wanted, if there is a CPU for it.
    ///   - isForWorkerOnly: whether the ring is not worth its memory without that CPU.
    init(
        _ service: RingService, _ lock: DeviceLock, mayHandOver: Bool, isForWorkerOnly: Bool
    ) {
        self.service = service
        self.lock = lock
        self.mayHandOver = mayHandOver
        self.isForWorkerOnly = isForWorkerOnly
    }

    private lazy var hasCPUForWorker = CPUShare.available() >= Self.leastShare

    func sharedRing(_ offer: SharedRing.Offer) -> SharedRing {
        SharedRing(
            offer: offer,
            // Served by the vCPU's thread alone, it takes as many exits as hypercalls do.
            isWorthwhile: { [self] in !isForWorkerOnly || hasCPUForWorker },
            prepare: prepare, serve: serve, interrupted: interrupted,
            makeWorker: { [self] in
                handover.map { handover in
                    Worker("the network ring", whenMissing: handover.keep) { handover.work($0) }
                }
            })
    }

    private func prepare(_ ring: GuestAddress, _ memory: GuestMemory) throws(GuestFault) {
        try Ring.want(kicks: true, ring, memory)
        // Where a policy refuses what a worker takes, there is none.
        if mayHandOver, hasCPUForWorker {
            handover = try? RingHandover(service, ring, memory, lock)
        }
    }

    private func serve(_ ring: GuestAddress, _ memory: GuestMemory) throws(GuestFault) {
        if let handover {
            try handover.kicked()
        } else {
            try service.serve(ring, memory, at: .kick)
        }
    }

    private func interrupted() throws(GuestFault) { try handover?.interrupted() }

    /// Serves what the guest has submitted before its hypercall. The vCPU's thread calls it, and holds the
    /// devices' lock.
    func settle() throws(GuestFault) { try handover?.settle() }
}
