import Tender

/// The table of `--stats`.
enum Statistics {
    /// - Parameters:
    ///   - rest: the time in calls that wait, in nanoseconds.
    ///   - lostOutput: the guest's console output that was dropped, in bytes.
    static func text(
        _ rows: [Totals.Row], guestTime: UInt64, rest: UInt64, lostOutput: UInt64
    ) -> String {
        var table = [["calls and exits", "count", "errors", "bytes", "host time", "average"]]
        var total = Totals.Row(name: "total")
        for row in rows where row.count > 0 {
            table.append(cells(row))
            total.add(row)
        }
        table.append(cells(total))
        let all = guestTime.clampedSum(total.hostTime)
        return textTable(table)
            + "guest time \(Format.duration(guestTime)), \(Format.share(guestTime, of: all))"
            + "; rest \(Format.duration(rest)), \(Format.share(rest, of: all))\n"
            + (lostOutput > 0 ? "lost console output: \(lostOutput) bytes\n" : "")
    }

    private static func cells(_ row: Totals.Row) -> [String] {
        [
            row.name, String(row.count), String(row.errors), String(row.bytes),
            Format.duration(row.hostTime), Format.duration(row.hostTime / max(1, row.count)),
        ]
    }
}
