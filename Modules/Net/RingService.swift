import ABI
import CLinux
import Linux
import Network
import Tender

/// Serves the network ring: what NET_WRITE and NET_READ do, by another way.
final class RingService {
    /// Why the ring is served.
    enum Occasion {
        /// The guest has kicked. The vCPU's thread may leave frames for those of the next kicks.
        case kick
        /// The worker looks after it: it may let a read wait a little for a frame; what the guest sends
        /// for a read of what is at hand, once; and full segments for those that follow soon.
        case watch
        /// Something else is to come after what is in it.
        case change
    }

    /// The devices by handle; nil for handles of other devices.
    private let devices: [NetworkBackend?]
    private var ring = Ring()
    /// The device with frames that are queued.
    private var queued: NetworkBackend?
    /// Whether they are segments to which those that follow may be joined.
    private var isOpen = false
    /// How often the worker has served the ring since it queued the last one.
    private var rounds = 0
    /// Where the vCPU's thread leaves them; nil if it sends them at the end of each kick.
    private let queue: FrameQueue?
    private var wait = FrameWait()
    /// Whether a read can be kept waiting: it can't where the guest goes on to another device.
    private let hasOneDevice: Bool
    /// How often the worker looks for a read before it sends.
    private static let looks = 32
    /// How often the worker serves the ring at most before it sends a segment that nothing was joined to
    /// meanwhile.
    private static let mostRounds = 16

    init(_ devices: [NetworkBackend?], _ queue: FrameQueue? = nil) {
        self.devices = devices
        self.queue = queue
        hasOneDevice = devices.count { $0 != nil } == 1
    }

    /// Serves the entries that are in the ring now, and none that the guest adds meanwhile, but for the
    /// worker's exception.
    ///
    /// - Returns: their number.
    /// - Throws: if one is a fault, which stays in the ring with those after it.
    @discardableResult
    func serve(
        _ address: GuestAddress, _ memory: GuestMemory, at occasion: Occasion
    ) throws(GuestFault) -> UInt32 {
        do throws(GuestFault) {
            var count = try serveEntries(address, memory, occasion)
            // To send takes longer than to deliver what is at hand, and the guest need not wait for it.
            if occasion == .watch, !isOpen, let queued, queued.hasFrames,
                try isReadNear(address, memory)
            {
                count &+= try serveEntries(address, memory, occasion)
            }
            finish(occasion)
            return count
        } catch {
            // What was queued before a fault is on its way, too.
            flush()
            throw error
        }
    }

    /// Sends what is queued, unless it may stay.
    private func finish(_ occasion: Occasion) {
        switch occasion {
        case .kick: keep()
        case .watch where isOpen && rounds < Self.mostRounds: rounds += 1
        case .watch, .change: flush()
        }
    }

    private func serveEntries(
        _ address: GuestAddress, _ memory: GuestMemory, _ occasion: Occasion
    ) throws(GuestFault) -> UInt32 {
        let count = try ring.pending(address, memory)
        for index in 0..<count {
            let before = ring
            do throws(GuestFault) {
                try serveNext(address, memory, occasion, isLast: index == count - 1)
            } catch {
                ring = before
                throw error
            }
        }
        try ring.retire(address, memory)
        return count
    }

    /// Looks for the request that a guest is about to make that has acknowledged what it has got.
    private func isReadNear(
        _ address: GuestAddress, _ memory: GuestMemory
    ) throws(GuestFault) -> Bool {
        for _ in 0..<Self.looks {
            if try hasEntries(address, memory) { return true }
            linux_relax()
        }
        return false
    }

    func hasEntries(_ address: GuestAddress, _ memory: GuestMemory) throws(GuestFault) -> Bool {
        try ring.pending(address, memory) > 0
    }

    @inline(__always)
    private func serveNext(
        _ address: GuestAddress, _ memory: GuestMemory, _ occasion: Occasion, isLast: Bool
    ) throws(GuestFault) {
        let entry = try ring.take(address, memory)
        switch Int32(bitPattern: entry.operation) {
        case HVT_RING_NET_WRITE:
            wait.sent()
            try write(entry, memory, occasion)
        case HVT_RING_NET_READ:
            try ring.checkRoom(address, memory)
            let device = device(entry.handle)
            let (result, count) = try read(
                from: device, entry, memory, occasion, mayWait: occasion == .watch && isLast)
            // The guest may submit again as soon as it sees the commit.
            try ring.retire(address, memory)
            try ring.post(
                hvt_ring_commit(id: entry.id, result: result, len: count, reserved: 0),
                address, memory)
            // While the guest looks at this one.
            if occasion == .watch { device?.prepare() }
        default: break
        }
    }

    /// Sends a frame, to which the guest expects no answer.
    private func write(
        _ entry: hvt_ring_entry, _ memory: GuestMemory, _ occasion: Occasion
    ) throws(GuestFault) {
        let count = UInt64(entry.len)
        guard let device = device(entry.handle), device.takes(count: count) else { return }
        let range = try memory.range(at: GuestAddress(entry.data), count: count, for: .read)
        if queued !== device { flush() }
        // After the frames that are at hand for the guest, or now.
        let mayFollowReads = occasion == .watch && device.hasFrames
        let isQueued =
            mayFollowReads
            ? device.queue(range, of: memory) : device.sendOrQueue(range, of: memory) == .queued
        queued = isQueued ? device : nil
        isOpen = isQueued && !mayFollowReads
        rounds = 0
    }

    /// Sends what is queued: when the ring has been served, and before a frame for another device.
    func flush() {
        queued?.flush()
        queued = nil
        isOpen = false
    }

    /// Sends what kicks have left as well.
    func flushAll() {
        flush()
        for device in devices { device?.flush() }
    }

    /// Leaves what is queued for the frames of the next kicks.
    private func keep() {
        guard let queue, let device = queued else { return flush() }
        queued = nil
        isOpen = false
        queue.keep(device)
    }

    /// - Returns: the result, and the frame's size in bytes.
    private func read(
        from device: NetworkBackend?, _ entry: hvt_ring_entry, _ memory: GuestMemory,
        _ occasion: Occasion, mayWait: Bool
    ) throws(GuestFault) -> (result: Int32, count: UInt32) {
        guard let device else { return (HVT_RESULT_INVALID, 0) }
        let range = try memory.range(
            at: GuestAddress(entry.data), count: UInt64(entry.len), for: .write)
        // No room for a frame: it stays queued.
        guard range.count > 0 else { return (HVT_RESULT_AGAIN, 0) }
        switch receive(from: device, into: range, memory, mayWait: mayWait && hasOneDevice) {
        case .frame(let count): return (HVT_RESULT_OK, UInt32(clamping: count))
        case .wouldBlock, .unavailable:
            // The peer whose frame the guest waits for may wait for these.
            flush()
            if occasion == .kick { queue?.flush() }
            return (HVT_RESULT_AGAIN, 0)
        case .gone: return (HVT_RESULT_UNSPECIFIED, 0)
        }
    }

    /// - Parameter mayWait: whether to wait for a frame, if that seems worth it.
    @inline(__always)
    private func receive(
        from device: NetworkBackend, into range: GuestRange, _ memory: GuestMemory, mayWait: Bool
    ) -> NetworkBackend.Reception {
        var reception = device.receive(into: range, of: memory)
        guard mayWait else { return reception }
        let hasWaited = reception == .wouldBlock && wait.isWorthwhile
        if hasWaited {
            // Who is to answer needs what the guest has sent, and may need this CPU.
            flush()
            let start = Clock.monotonic
            repeat {
                sched_yield()
                reception = device.receive(into: range, of: memory)
            } while reception == .wouldBlock && Clock.monotonic &- start < FrameWait.limit
        }
        switch reception {
        case .frame: wait.found(at: Clock.monotonic, hasWaited: hasWaited)
        case .wouldBlock: wait.foundNone(at: Clock.monotonic, hasWaited: hasWaited)
        case .unavailable, .gone: break
        }
        return reception
    }

    @inline(__always)
    private func device(_ handle: UInt32) -> NetworkBackend? {
        guard handle < UInt32(devices.count) else { return nil }
        return devices[Int(handle)]
    }
}
