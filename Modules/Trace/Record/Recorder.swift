import CLinux
import Hypervisor
import Linux
import Tender

/// Records hypercalls and exits, for `--trace`, `--stats` and the report of a fault.
final class Recorder: Tracer, Observer {
    /// The number of records in the report of a fault.
    static let lastCount = 8
    /// The heap to reserve for the text at the end, in bytes.
    private static let heap = 256 << 10

    private let calls: CallTable
    /// The number of bytes kept of each call's argument.
    private let argumentSizes: [Int]
    private let rules: [CallRule]
    private let guests: String
    private let memory: RecordMemory
    /// Kept for its lock.
    private let file: TraceFile?
    private let counts: Bool
    private let consoleLoss: ConsoleLoss
    // Set before the guest runs, or by vCPU 0 at its first entry.
    private var lanes: [Lane] = []
    private var start: UInt64 = 0
    private var startRealTime: UInt64 = 0

    init(
        _ calls: CallTable, guests: String, in memory: RecordMemory, file: TraceFile?,
        counts: Bool, consoleLoss: ConsoleLoss = ConsoleLoss()
    ) {
        self.calls = calls
        self.guests = guests
        self.memory = memory
        self.file = file
        self.counts = counts
        self.consoleLoss = consoleLoss
        argumentSizes = calls.calls.map { min($0.argumentSize, RecordLayout.mostArgument) }
        rules = calls.calls.map { CallRule($0.fields) }
    }

    // MARK: While the guest runs

    func prepare(cpuCount: Int, memory guest: GuestMemory) {
        let first = Header.size(calls.calls)
        let room = max(0, memory.count - first) / RecordLayout.size
        let capacity = max(1, min(room / max(1, cpuCount), Int(UInt32.max)))
        start = Clock.monotonic
        startRealTime = Clock.realTime
        let header = Header(
            cpuCount: UInt32(clamping: cpuCount), recordsPerCPU: UInt32(clamping: capacity),
            startMonotonic: start, startRealTime: startRealTime, guests: guests,
            calls: calls.calls)
        memory.store(header.bytes, at: 0)
        lanes = (0..<cpuCount).map { cpu in
            Lane(
                memory, of: guest, first: first + cpu * capacity * RecordLayout.size,
                capacity: capacity,
                totals: counts ? Totals(calls.calls) : nil, now: start)
        }
    }

    func prepare(_ subject: Subject) throws(ModuleError) {
        do throws(Errno) {
            try Heap.settle(reserving: Self.heap)
        } catch {
            throw ModuleError("Could not reserve memory: \(error)")
        }
    }

    func entering(cpu: Int) {
        guard let now = lanes[cpu].enter(), cpu == 0 else { return }
        // The guest starts here: the time before was spent on the sandbox.
        memory.store(now, at: HeaderLayout.startMonotonic)
        memory.store(startRealTime &+ (now &- start), at: HeaderLayout.startRealTime)
        start = now
    }

    func willServe(cpu: Int, _ number: Int32, argument: GuestAddress) {
        let lane = lanes[cpu]
        let index = calls.index(number)
        lane.begin(
            .hypercall, number: number, address: argument.value,
            totalIndex: index ?? calls.calls.count)
        if let index {
            lane.keep(Lane.Argument(address: argument, count: argumentSizes[index]))
        }
        lane.publish()
    }

    func didServe(cpu: Int, _ result: TracedResult) {
        let lane = lanes[cpu]
        let rule = lane.totalIndex < rules.count ? rules[lane.totalIndex] : nil
        lane.finish(RecordResult(result), rule)
    }

    func exited(cpu: Int, _ exit: Exit) {
        let lane = lanes[cpu]
        let kind = RecordKind(exit)
        let index = calls.calls.count + Int(kind.rawValue)
        let facts = ExitFacts(exit)
        lane.begin(
            kind, number: facts.port, address: facts.address, width: facts.width, totalIndex: index)
        if let value = facts.value { lane.keep(value) }
        lane.publish()
    }

    // MARK: At the end

    func ended(_ end: GuestEnd) {
        noteEnd(end)
        if case .fault(let cpu) = end, lanes.indices.contains(cpu) { explain(lanes[cpu], cpu) }
        if counts { showStatistics() }
    }

    private func noteEnd(_ end: GuestEnd) {
        let (kind, status): (Header.End, Int32) =
            switch end {
            case .halt(let halt): (.halt, halt.exitStatus)
            case .fault: (.fault, 0)
            case .stopped: (.stopped, 0)
            }
        memory.store(Clock.monotonic, at: HeaderLayout.endMonotonic)
        memory.store(status, at: HeaderLayout.exitStatus)
        memory.store(kind.rawValue, at: HeaderLayout.end)
    }

    /// Prints the last records of the vCPU that failed.
    private func explain(_ lane: Lane, _ cpu: Int) {
        let records = lane.last(Self.lastCount, cpu: cpu)
        guard !records.isEmpty else { return }
        let describer = Describer(calls)
        var text = "the last calls and exits of vCPU \(cpu), with seconds since the start:\n"
        for record in records {
            text += "  " + Listing.line(record, since: start, describer)
        }
        Output.write(text, to: STDERR_FILENO)
    }

    private func showStatistics() {
        var rows = lanes.first?.totals?.rows ?? []
        for lane in lanes.dropFirst() {
            for (index, row) in (lane.totals?.rows ?? []).enumerated() { rows[index].add(row) }
        }
        let guestTime = lanes.reduce(0 as UInt64) { $0.clampedSum($1.guestTime) }
        let rest = zip(calls.calls, rows).reduce(0 as UInt64) {
            $1.0.isWait ? $0.clampedSum($1.1.hostTime) : $0
        }
        Output.write(
            Statistics.text(
                rows, guestTime: guestTime, rest: rest, lostOutput: consoleLoss.count),
            to: STDERR_FILENO)
    }
}

extension RecordResult {
    init(_ result: TracedResult) {
        self =
            switch result {
            case .resume: .resume
            case .halt: .halt
            case .fault: .fault
            }
    }
}

/// The fields that are recorded of an exit that is no hypercall.
struct ExitFacts {
    var port: Int32 = 0
    var address: UInt64 = 0
    var width: UInt8 = 0
    var value: UInt64?

    init(_ exit: Exit) {
        switch exit {
        case .portWrite(let port, let width, let value):
            self.port = Int32(port)
            self.width = width
            self.value = UInt64(value)
        case .portRead(let port, let width):
            self.port = Int32(port)
            self.width = width
        case .portString(let port): self.port = Int32(port)
        case .mmioWrite(let address, let width, let value):
            self.address = address
            self.width = width
            self.value = value
        case .mmioRead(let address, let width):
            self.address = address
            self.width = width
        case .memoryFault(let address): self.address = address ?? 0
        case .entryFailure(let reason): address = reason
        case .internalError(let suberror): address = UInt64(suberror)
        case .unknown(let reason): address = UInt64(reason)
        case .halt, .shutdown, .debug, .interrupted: break
        }
    }
}
