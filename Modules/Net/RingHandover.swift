import CLinux
import Linux
import Tender

/// Who serves the network ring: the vCPU's thread where the guest kicks, or, while traffic is heavy,
/// a worker, which looks for requests all the time, so that the guest need not kick.
///
/// - After some kicks (`patience`), the vCPU's thread wakes the worker, which takes the ring over as
///   soon as it runs. Until then, nothing waits for it.
/// - The worker hands it back when there was nothing for a while (`limit`): an idle guest takes no CPU
///   time, and a request that comes then is served at its kick, without a thread that must wake up.
/// - While it is handed over, a timer interrupts the vCPU now and then. If the guest waits for a worker
///   that is slower than kicks, for want of a CPU, the vCPU's thread takes the ring back. Unless the
///   turn as a whole was faster than kicks nevertheless, it keeps the ring for fifty times as long as
///   that turn was, up to a second: what such turns cost is little, and soon forgotten.
final class RingHandover: @unchecked Sendable {
    /// The requests that make a worker's turn worth it.
    private static let worthwhile: UInt32 = 16
    /// The kicks after which the worker is woken: few where turns have been worth it, more where they
    /// were not. All are multiples of the lower bound.
    private static let patience: ClosedRange<UInt32> = 8...1 << 10
    /// How long there is no turn after one for which there was no CPU, in lengths of that turn.
    private static let truce: UInt64 = 50
    /// How long the worker looks for requests in vain before it hands the ring back, as a multiple of
    /// `serviceTime`. On a slow machine the guest's peer, such as a client on the same host, takes longer
    /// to answer as well, and so the worker looks for longer.
    private static let limit: ClosedRange<UInt64> = 25...200
    /// After how long in vain the worker's thread must have been without a CPU, as a multiple of
    /// `serviceTime`.
    private static let late: UInt64 = 500
    /// The bounds of `serviceTime`, in nanoseconds.
    private static let serviceTime: ClosedRange<UInt64> = 2_000...100_000
    /// The timer's period, in nanoseconds, which grows while the worker is found at work.
    private static let period: ClosedRange<UInt64> = 2_000_000...16_000_000
    /// How often the worker looks before it reads the clock.
    private static let looks = 64

    private let service: RingService
    private let address: GuestAddress
    private let memory: GuestMemory
    /// Wakes the worker.
    private let bell: EventDescriptor
    let timer: ThreadTimer
    private let devices: DeviceLock
    private let lock: Lock

    // All below is guarded by `lock`, within which the ring is served.
    private var hasWorker = true
    private(set) var isHandedOver = false
    /// Whether the worker has met a fault, which is the vCPU's thread's to report.
    private var isFaulty = false
    private var kicks: UInt32 = 0
    /// When the worker may be woken again.
    private var nextTurn: UInt64 = 0
    private var patience = RingHandover.patience.lowerBound
    private var limit = RingHandover.limit.upperBound
    private var period = RingHandover.period.lowerBound
    /// How long the vCPU's thread takes to serve a kick, on average, in nanoseconds.
    private(set) var serviceTime = RingHandover.serviceTime.lowerBound
    /// What a kick takes, in nanoseconds: at most as much as this at first.
    private var kickTime: UInt64 = 1_000_000
    /// When this turn began.
    private var turnStart: UInt64 = 0
    /// The requests of this turn; at the timer's last signal; and when that, or the turn's end, was.
    private var served: UInt32 = 0
    private var lastServed: UInt32 = 0
    private var lastLook: UInt64 = 0

    /// Made by the vCPU's thread, which the timer will interrupt.
    init(
        _ service: RingService, _ address: GuestAddress, _ memory: GuestMemory,
        _ devices: DeviceLock
    ) throws(Errno) {
        self.service = service
        self.address = address
        self.memory = memory
        self.devices = devices
        lock = devices.lock
        bell = try EventDescriptor()
        timer = try ThreadTimer()
    }

    /// The worker can't be started: the vCPU's thread keeps the ring.
    func keep() { lock.withLock { hasWorker = false } }

    var bellNumber: Int32 { bell.number }

    // MARK: On the vCPU's thread

    /// Serves the ring at a kick, and may wake the worker.
    func kicked() throws(GuestFault) {
        try lock.withLock { () throws(GuestFault) in
            // Most kicks do without the clock.
            let isTimed = (kicks &+ 1).isMultiple(of: Self.patience.lowerBound)
            let start = isTimed ? Clock.monotonic : 0
            // One without requests is none.
            guard try service.serve(address, memory, at: .kick) > 0, hasWorker, !isHandedOver,
                !isFaulty
            else { return }
            kicks &+= 1
            guard isTimed else { return }
            let now = Clock.monotonic
            noteService(now &- start)
            guard kicks.isMultiple(of: patience), now >= nextTurn else { return }
            devices.share()
            bell.signal()
        }
    }

    /// Inside the lock: averages over kicks.
    ///
    /// - Parameter time: how long the vCPU's thread took to serve a kick, in nanoseconds.
    func noteService(_ time: UInt64) {
        // A kick during which another thread had the CPU counts little.
        let time = min(time, serviceTime &* 4)
        let average = serviceTime &- serviceTime / 8 &+ time / 8
        serviceTime = min(
            max(average, Self.serviceTime.lowerBound), Self.serviceTime.upperBound)
    }

    /// Serves what the guest has submitted before something that comes by another way. The vCPU's thread
    /// calls it, and holds the devices' lock.
    func settle() throws(GuestFault) {
        if isHandedOver || isFaulty { try service.serve(address, memory, at: .change) }
    }

    /// To be called whenever the vCPU was interrupted.
    func interrupted() throws(GuestFault) {
        try lock.withLock { () throws(GuestFault) in
            if isFaulty { try service.serve(address, memory, at: .change) }
            guard isHandedOver else { return }
            // A worker that has no CPU can't send what it has kept.
            service.flush()
            if try service.hasEntries(address, memory), isSlow() {
                try takeBack()
                noteContention()
                try service.serve(address, memory, at: .change)
            } else if period < Self.period.upperBound {
                period *= 2
                timer.start(every: period)
            }
        }
    }

    /// Inside the lock: whether the worker takes twice the time of kicks, since it was asked last.
    private func isSlow() -> Bool {
        let now = Clock.monotonic
        let (time, count) = (now &- lastLook, served &- lastServed)
        lastLook = now
        lastServed = served
        return time / UInt64(max(1, count)) > kickTime &* 2
    }

    /// Inside the lock. What was submitted before is still to be served.
    private func takeBack() throws(GuestFault) {
        try Ring.want(kicks: true, address, memory)
        isHandedOver = false
        kicks = 0
        lastLook = Clock.monotonic
        timer.stop()
    }

    /// Inside the lock, after the end of a turn: there was no CPU for the worker.
    private func noteContention() {
        let time = lastLook &- turnStart
        guard time / UInt64(max(1, served)) >= kickTime else { return }
        nextTurn = lastLook &+ min(time, Self.period.upperBound) &* Self.truce
    }

    // MARK: On the worker's thread

    /// The worker's function.
    func work(_ thread: GuestThread) {
        var waiting = [pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0)]
        while thread.wait(for: &waiting) {
            guard waiting[0].revents != 0 else { continue }
            bell.clear()
            if takeOver() { watch(thread) }
        }
    }

    /// - Returns: whether the ring is the worker's now.
    private func takeOver() -> Bool {
        lock.withLock {
            let now = Clock.monotonic
            // The bell may have rung before the last turn.
            guard !isFaulty, now >= nextTurn,
                (try? Ring.want(kicks: false, address, memory)) != nil
            else { return false }
            // With what was idle between them; the least counts, and is forgotten slowly.
            let kickTime = (now &- lastLook) / UInt64(max(1, kicks))
            self.kickTime = min(self.kickTime &+ self.kickTime / 8, kickTime)
            lastLook = now
            turnStart = now
            isHandedOver = true
            // What kicks have left would wait for the next one, and the guest kicks no more.
            service.flushAll()
            served = 0
            lastServed = 0
            period = Self.period.lowerBound
            timer.start(every: period)
            return true
        }
    }

    /// Serves the ring until it is handed or taken back, or the guest has ended.
    private func watch(_ thread: GuestThread) {
        let (limit, late) = lock.withLock { (self.limit &* serviceTime, Self.late &* serviceTime) }
        // Past what was served.
        var tail: UInt32?
        var looks = 0
        var start: UInt64 = 0
        while thread.pass() {
            let newTail = try? Ring.tail(address, memory)
            if newTail != tail {
                guard serve() else { return }
                tail = newTail
                looks = 0
            } else {
                linux_relax()
                looks += 1
                guard looks.isMultiple(of: Self.looks) else { continue }
                if looks == Self.looks { flush() }
                // Who waits for what was sent may wait for this CPU as well.
                sched_yield()
                let now = Clock.monotonic
                if looks == Self.looks { start = now }
                let idle = now &- start
                if idle > limit { return handBack(isLate: idle > late) }
            }
        }
        flush()
    }

    /// Sends what was kept for frames that might have followed soon.
    private func flush() {
        lock.withLock { if isHandedOver { service.flush() } }
    }

    /// - Returns: whether the ring is the worker's.
    private func serve() -> Bool {
        lock.withLock {
            guard isHandedOver else { return false }
            do throws(GuestFault) {
                served &+= try service.serve(address, memory, at: .watch)
                return true
            } catch {
                // The timer goes on, so that the vCPU's thread meets it as well.
                isFaulty = true
                isHandedOver = false
                return false
            }
        }
    }

    /// - Parameter isLate: whether others had the CPU instead.
    private func handBack(isLate: Bool) {
        lock.withLock {
            guard isHandedOver else { return }
            do throws(GuestFault) {
                try takeBack()
                let rest = try service.serve(address, memory, at: .change)
                served &+= rest
                // The guest has waited.
                if isLate, rest > 0 { return noteContention() }
            } catch {
                isFaulty = true
                timer.start(every: Self.period.lowerBound)
                return
            }
            let isWorthwhile = served >= Self.worthwhile
            patience =
                isWorthwhile
                ? Self.patience.lowerBound : min(patience &* 2, Self.patience.upperBound)
            limit =
                isWorthwhile
                ? min(limit * 2, Self.limit.upperBound) : max(limit / 2, Self.limit.lowerBound)
        }
    }
}
