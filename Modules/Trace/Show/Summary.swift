import Tender

/// A table of calls and exits: counts, bytes, errors and percentiles of host time.
struct Summary {
    struct Row {
        var total: Totals.Row
        /// Host times in nanoseconds, sorted once all are there.
        var durations: [UInt64] = []

        /// The nearest-rank percentile of the durations, in nanoseconds.
        func percentile(_ percent: Int) -> UInt64 {
            guard !durations.isEmpty else { return 0 }
            return durations[max(0, (durations.count * percent + 99) / 100 - 1)]
        }
    }

    private(set) var rows: [Row]
    private(set) var guestTime: UInt64 = 0
    /// The time in calls that wait, which is part of their rows as well.
    private(set) var rest: UInt64 = 0

    init(_ recording: Recording) {
        rows = recording.describer.rowNames.map { Row(total: Totals.Row(name: $0)) }
        recording.forEach { record in
            let index = recording.describer.row(record)
            guestTime = guestTime.clampedSum(record.guestTime)
            if recording.describer.isWait(row: index) { rest = rest.clampedSum(record.hostTime) }
            rows[index].total.count += 1
            rows[index].total.hostTime =
                rows[index].total.hostTime.clampedSum(record.hostTime)
            if let measure = recording.describer.description(record).measure {
                rows[index].total.add(measure)
            }
            if record.result != .unfinished { rows[index].durations.append(record.hostTime) }
        }
        rows.removeAll { $0.total.count == 0 }
        for index in rows.indices { rows[index].durations.sort() }
        rows.sort { $0.total.hostTime > $1.total.hostTime }
    }

    func text(_ recording: Recording) -> String {
        var table = [
            [
                "calls and exits", "count", "errors", "bytes", "host time", "average", "p50", "p90",
                "p99", "max", "share",
            ]
        ]
        let hostTime = rows.reduce(0 as UInt64) { $0.clampedSum($1.total.hostTime) }
        for row in rows {
            let total = row.total
            let average = total.hostTime / UInt64(max(1, row.durations.count))
            table.append(
                [total.name, String(total.count), String(total.errors), String(total.bytes)]
                    + [
                        total.hostTime, average, row.percentile(50), row.percentile(90),
                        row.percentile(99), row.durations.last ?? 0,
                    ].map(Format.duration)
                    + [Format.share(total.hostTime, of: hostTime)])
        }
        let all = hostTime.clampedSum(guestTime)
        let work = hostTime - min(rest, hostTime)
        var text = recording.warnings.map { "# \($0)\n" }.joined() + textTable(table)
        text += "\(recording.header.guests) guest, \(recording.header.cpuCount) vCPU"
        text += recording.header.cpuCount == 1 ? "" : "s"
        text += ", \(Format.duration(recording.duration)): "
        text += "guest time \(Format.duration(guestTime)) (\(Format.share(guestTime, of: all))), "
        text += "rest \(Format.duration(rest)) (\(Format.share(rest, of: all))), "
        text += "host time \(Format.duration(work)) (\(Format.share(work, of: all)))\n"
        return text + "\(recording.end)\n"
    }
}
