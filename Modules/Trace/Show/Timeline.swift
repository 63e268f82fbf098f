/// The host time of each kind of call on each vCPU, in `columns` intervals of equal length.
struct Timeline {
    /// A kind of call on one vCPU.
    struct Lane {
        let cpu: Int
        /// The row of `Describer`.
        let row: Int
        /// The host time in each column, in nanoseconds.
        fileprivate(set) var busy: [UInt64]
        /// The number of failed calls that began in each column.
        fileprivate(set) var failures: [UInt64]
        /// The column in which an unfinished call began.
        fileprivate(set) var unfinished: Int?
    }

    static let columns = 1000
    /// A limit, so that a damaged trace does not make an endless picture.
    private static let mostLanes = 256

    let start: UInt64
    /// The length of a column, in nanoseconds.
    let step: UInt64
    /// Ordered by vCPU and row.
    private(set) var lanes: [Lane] = []
    /// Whether lanes were left out (`mostLanes`).
    private(set) var isCut = false

    init(_ recording: Recording) {
        start = recording.start
        let columns = UInt64(Self.columns)
        step = max(1, recording.duration / columns + 1)
        var slots: [[Int]] = []
        // Columns that a call fills entirely, as a difference array.
        var whole: [[Int64]] = []
        recording.forEach { record in
            let row = recording.describer.row(record)
            while slots.count <= record.cpu { slots.append([]) }
            while slots[record.cpu].count <= row { slots[record.cpu].append(-1) }
            if slots[record.cpu][row] < 0 {
                guard lanes.count < Self.mostLanes else {
                    isCut = true
                    return
                }
                slots[record.cpu][row] = lanes.count
                lanes.append(
                    Lane(
                        cpu: record.cpu, row: row, busy: Array(repeating: 0, count: Self.columns),
                        failures: Array(repeating: 0, count: Self.columns)))
                whole.append(Array(repeating: 0, count: Self.columns + 1))
            }
            let lane = slots[record.cpu][row]
            add(record, recording.hostTime(record), lane, &whole)
            let first = column(record.start - min(start, record.start))
            if recording.describer.isFailure(record) { lanes[lane].failures[first] += 1 }
            if record.result == .unfinished { lanes[lane].unfinished = first }
        }
        for (index, differences) in whole.enumerated() {
            var depth: Int64 = 0
            for column in 0..<Self.columns {
                depth += differences[column]
                if depth > 0 { lanes[index].busy[column] = step }
            }
        }
        lanes.sort { ($0.cpu, $0.row) < ($1.cpu, $1.row) }
    }

    private mutating func add(
        _ record: Record, _ hostTime: UInt64, _ lane: Int, _ whole: inout [[Int64]]
    ) {
        let from = record.start - min(start, record.start)
        let to = from.clampedSum(hostTime)
        let first = column(from)
        let last = column(to)
        if first == last {
            // At least 1 ns, so that every call is visible.
            lanes[lane].busy[first] = lanes[lane].busy[first].clampedSum(max(1, to - from))
        } else {
            lanes[lane].busy[first] = lanes[lane].busy[first].clampedSum(
                UInt64(first + 1) * step - min(from, UInt64(first + 1) * step))
            lanes[lane].busy[last] = lanes[lane].busy[last].clampedSum(
                to - min(to, UInt64(last) * step))
            if first + 1 < last {
                whole[lane][first + 1] += 1
                whole[lane][last] -= 1
            }
        }
    }

    private func column(_ time: UInt64) -> Int {
        Int(min(time / step, UInt64(Self.columns - 1)))
    }
}

/// A histogram of host times: bucket n counts calls of at least 2^n and less than 2^(n+1)
/// nanoseconds.
struct Histogram {
    /// By row, then by bucket.
    private(set) var counts: [[UInt64]]

    static let buckets = 64

    init(_ recording: Recording) {
        counts = recording.describer.rowNames.map { _ in [] }
        recording.forEach { record in
            guard record.result != .unfinished else { return }
            let row = recording.describer.row(record)
            if counts[row].isEmpty { counts[row] = Array(repeating: 0, count: Self.buckets) }
            counts[row][Self.bucket(record.hostTime)] += 1
        }
    }

    static func bucket(_ duration: UInt64) -> Int {
        63 - max(1, duration).leadingZeroBitCount
    }

    func total(_ bucket: Int) -> UInt64 {
        counts.reduce(0) { $0 + ($1.isEmpty ? 0 : $1[bucket]) }
    }
}
