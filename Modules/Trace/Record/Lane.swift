import Hypervisor
import Linux
import Tender

/// One vCPU's records, a ring buffer, and its totals. Only the vCPU's thread writes.
final class Lane {
    private let memory: RecordMemory
    private let guest: GuestMemory
    /// The offset of the vCPU's first record.
    private let first: Int
    let capacity: Int
    /// The number of records published; also the sequence number + 1 of the last one.
    private(set) var count: UInt64 = 0
    private var slot = 0
    private var hasEntered = false
    /// Whether the vCPU is outside of the guest, with a record begun.
    private var isStopped = true
    /// The time of the last exit or entry, in nanoseconds.
    private var since: UInt64
    private(set) var guestTime: UInt64 = 0
    /// Nil without `--stats`.
    let totals: Totals?
    private var argument = Argument(address: GuestAddress(0), count: 0)
    /// The row of the totals for the current record.
    private(set) var totalIndex = 0

    /// The address of an argument, and the number of bytes that are kept.
    struct Argument {
        let address: GuestAddress
        let count: Int
    }

    init(
        _ memory: RecordMemory, of guest: GuestMemory, first: Int, capacity: Int, totals: Totals?,
        now: UInt64
    ) {
        self.memory = memory
        self.guest = guest
        self.first = first
        self.capacity = capacity
        self.totals = totals
        since = now
    }

    /// The offset of the current record.
    private var offset: Int { first + slot * RecordLayout.size }

    /// Notes that the vCPU enters the guest.
    ///
    /// - Returns: the time, on the first entry only.
    func enter() -> UInt64? {
        let now = Clock.monotonic
        let isFirst = !hasEntered
        hasEntered = true
        if count > 0, isStopped { finish(.resume, now) }
        isStopped = false
        since = now
        return isFirst ? now : nil
    }

    @inline(__always)
    func begin(
        _ kind: RecordKind, number: Int32, address: UInt64, width: UInt8 = 0, totalIndex: Int
    ) {
        let now = Clock.monotonic
        let guestTime = now &- since
        self.guestTime &+= guestTime
        self.totalIndex = totalIndex
        since = now
        isStopped = true
        if count > 0 { slot = slot + 1 == capacity ? 0 : slot + 1 }
        let offset = offset
        // Sequence 0 marks a record that is being written (seqlock).
        memory.store(0 as UInt64, at: offset + RecordLayout.sequence)
        memory.order()
        memory.store(now, at: offset + RecordLayout.start)
        memory.store(0 as UInt64, at: offset + RecordLayout.hostTime)
        memory.store(guestTime, at: offset + RecordLayout.guestTime)
        memory.store(number, at: offset + RecordLayout.number)
        memory.store(kind.rawValue, at: offset + RecordLayout.kind)
        memory.store(RecordResult.unfinished.rawValue, at: offset + RecordLayout.result)
        memory.store(0 as UInt8, at: offset + RecordLayout.argumentCount)
        memory.store(width, at: offset + RecordLayout.width)
        memory.store(address, at: offset + RecordLayout.address)
        argument = Argument(address: GuestAddress(0), count: 0)
    }

    /// Stores the sequence number: the record is valid from now on, even if the tender is killed.
    @inline(__always)
    func publish() {
        memory.order()
        count &+= 1
        memory.store(count, at: offset + RecordLayout.sequence)
    }

    /// Records the argument as it is now, and again after the call.
    @inline(__always)
    func keep(_ argument: Argument) {
        self.argument = argument
        keepArgument()
    }

    /// Records a number in place of an argument.
    func keep(_ value: UInt64) {
        memory.store(value, at: offset + RecordLayout.argument)
        memory.store(8 as UInt8, at: offset + RecordLayout.argumentCount)
    }

    @inline(__always)
    private func keepArgument() {
        guard argument.count > 0 else { return }
        do throws(GuestFault) {
            let range = try guest.range(
                at: argument.address, count: UInt64(argument.count), for: .read)
            memory.copy(range, of: guest, to: offset + RecordLayout.argument)
            memory.store(
                UInt8(truncatingIfNeeded: argument.count), at: offset + RecordLayout.argumentCount)
        } catch {
            // The call itself fails for the same reason, and reports it.
            argument = Argument(address: GuestAddress(0), count: 0)
        }
    }

    @inline(__always)
    func finish(_ result: RecordResult, _ rule: CallRule?) {
        keepArgument()
        let now = Clock.monotonic
        if totals != nil, let rule {
            let offset = offset
            let count = argument.count
            let measure = CallMeasure(rule) { (field, width) in
                guard field + width <= count else { return nil }
                let word = memory.load(at: offset + RecordLayout.argument + field)
                return width == 4 ? word & 0xFFFF_FFFF : word
            }
            totals?.add(measure, to: totalIndex)
        }
        finish(result, now)
        isStopped = false
        since = now
    }

    private func finish(_ result: RecordResult, _ now: UInt64) {
        let hostTime = now &- since
        totals?.add(hostTime, to: totalIndex)
        let offset = offset
        memory.store(hostTime, at: offset + RecordLayout.hostTime)
        memory.order()
        memory.store(result.rawValue, at: offset + RecordLayout.result)
    }

    /// The last records, at most `most`, oldest first.
    func last(_ most: Int, cpu: Int) -> [Record] {
        var records: [Record] = []
        let kept = Int(clamping: min(count, UInt64(min(most, capacity))))
        for age in stride(from: kept - 1, through: 0, by: -1) {
            let slot = (self.slot + capacity - age) % capacity
            let start = first + slot * RecordLayout.size
            let bytes = memory.bytes(start..<start + RecordLayout.size)
            if let record = Record(bytes, at: 0, cpu: cpu) { records.append(record) }
        }
        return records
    }
}
