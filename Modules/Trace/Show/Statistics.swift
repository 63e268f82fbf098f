import Tender

/// The table of `--stats`.
enum Statistics {
    /// - Parameter lostOutput: the guest's console output that was dropped, in bytes.
    static func text(_ rows: [Totals.Row], guestTime: UInt64, lostOutput: UInt64) -> String {
        var table = [["calls and exits", "count", "errors", "bytes", "host time", "average"]]
        var total = Totals.Row(name: "total")
        for row in rows where row.count > 0 {
            table.append(cells(row))
            total.add(row)
        }
        table.append(cells(total))
        let all = guestTime.clampedSum(total.hostTime)
        return textTable(table)
            + "guest time \(Format.duration(guestTime)), \(Format.share(guestTime, of: all))\n"
            + (lostOutput > 0 ? "lost console output: \(lostOutput) bytes\n" : "")
    }

    private static func cells(_ row: Totals.Row) -> [String] {
        [
            row.name, String(row.count), String(row.errors), String(row.bytes),
            Format.duration(row.hostTime), Format.duration(row.hostTime / max(1, row.count)),
        ]
    }
}
