/// Draws a trace as SVG: a timeline of calls for each vCPU, and a histogram of host times.
struct Picture {
    private let recording: Recording
    private let output: TextOutput
    private let timeline: Timeline
    private let histogram: Histogram
    private let names: [String]

    private static let margin = 20
    private static let labelWidth = 230
    private static let laneHeight = 14
    private static let cpuGap = 22
    private static let barHeight = 200
    private static let width = 3 * margin + labelWidth + Timeline.columns
    private static let colours = [
        "#4e79a7", "#f28e2b", "#59a14f", "#17becf", "#b07aa1", "#76b7b2", "#9c755f", "#edc948",
        "#bcbd22", "#7f7f7f",
    ]
    /// Of failed calls, and of nothing else.
    private static let failure = "#d00000"

    static func write(_ recording: Recording, to output: TextOutput) {
        let picture = Picture(
            recording: recording, output: output, timeline: Timeline(recording),
            histogram: Histogram(recording), names: recording.describer.rowNames)
        picture.write()
    }

    private var left: Int { Self.margin + Self.labelWidth }
    private var cpus: [Int] {
        var cpus: [Int] = []
        for lane in timeline.lanes where cpus.last != lane.cpu { cpus.append(lane.cpu) }
        return cpus
    }

    private func write() {
        let lanesTop = 70
        let lanesHeight = timeline.lanes.count * Self.laneHeight + cpus.count * Self.cpuGap
        let barsTop = lanesTop + lanesHeight + 70
        let height = barsTop + Self.barHeight + 50
        output.write(
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(height)" \
            viewBox="0 0 \(Self.width) \(height)" font-family="sans-serif" font-size="11">
            <rect width="100%" height="100%" fill="#ffffff"/>

            """)
        var title = "\(recording.header.guests) guest, \(Format.duration(recording.duration)), "
        title += "\(recording.count) calls and exits; \(recording.end)"
        text(title, Self.margin, 24, size: 15)
        let missing = recording.warnings + (timeline.isCut ? ["not all calls are shown"] : [])
        if !missing.isEmpty { text(missing.joined(separator: "; "), Self.margin, 42) }
        writeLanes(top: lanesTop)
        writeAxis(top: lanesTop + lanesHeight)
        writeHistogram(top: barsTop)
        output.write("</svg>\n")
    }

    // MARK: Timeline

    private func writeLanes(top: Int) {
        var y = top
        var cpu: Int?
        for lane in timeline.lanes {
            if lane.cpu != cpu {
                y += Self.cpuGap
                text("vCPU \(lane.cpu)", Self.margin, y - 6, size: 12)
                cpu = lane.cpu
            }
            text(names[lane.row], left - 18, y + Self.laneHeight - 4, anchor: "end")
            rectangle(left - 14, y + 2, 8, 8, colour(lane.row), opacity: 10)
            rectangle(left, y, Timeline.columns, Self.laneHeight - 2, "#f2f2f2", opacity: 10)
            writeColumns(lane, y)
            y += Self.laneHeight
        }
    }

    /// Draws the columns of a lane; the busier, the darker. Failed calls, and one that had not
    /// returned, are marked.
    private func writeColumns(_ lane: Timeline.Lane, _ y: Int) {
        let levels = lane.busy.map { busy -> Int in
            busy == 0 ? 0 : Int(2 + Format.scaled(busy, of: timeline.step, to: 8))
        }
        var first = 0
        while first < levels.count {
            var end = first + 1
            while end < levels.count, levels[end] == levels[first] { end += 1 }
            if levels[first] > 0 {
                let busy = lane.busy[first..<end].reduce(0 as UInt64) { $0.clampedSum($1) }
                rectangle(
                    left + first, y, end - first, Self.laneHeight - 2, colour(lane.row),
                    opacity: levels[first],
                    title: "\(names[lane.row]) from \(time(first)): \(Format.duration(busy))")
            }
            first = end
        }
        for (column, count) in lane.failures.enumerated() where count > 0 {
            rectangle(
                left + column, y, 2, Self.laneHeight - 2, Self.failure, opacity: 10,
                title: "\(names[lane.row]) at \(time(column)): \(count) failed")
        }
        if let column = lane.unfinished {
            rectangle(
                left + column, y + Self.laneHeight - 4, Timeline.columns - column, 2, "#000000",
                opacity: 10, title: "\(names[lane.row]) from \(time(column)): not finished")
        }
    }

    private func time(_ column: Int) -> String {
        Format.duration(timeline.step.multipliedReportingOverflow(by: UInt64(column)).partialValue)
    }

    private func writeAxis(top: Int) {
        for (time, label) in Format.ticks(upTo: recording.duration) {
            let x = left + Int(clamping: time / timeline.step)
            rectangle(x, top, 1, 5, "#555555", opacity: 10)
            text(label, x, top + 18, anchor: "middle")
        }
    }

    // MARK: Histogram

    private func writeHistogram(top: Int) {
        text("How long the host took (calls and exits by time)", Self.margin, top - 14, size: 12)
        let totals = (0..<Histogram.buckets).map { histogram.total($0) }
        guard let first = totals.firstIndex(where: { $0 > 0 }),
            let last = totals.lastIndex(where: { $0 > 0 })
        else { return }
        let most = totals.reduce(1) { max($0, $1) }
        let step = min(60, Timeline.columns / (last - first + 1))
        let bottom = top + Self.barHeight
        for bucket in first...last {
            let x = left + (bucket - first) * step
            var y = bottom
            for (row, counts) in histogram.counts.enumerated()
            where !counts.isEmpty && counts[bucket] > 0 {
                let scaled = Format.scaled(counts[bucket], of: most, to: UInt64(Self.barHeight))
                let height = max(1, Int(scaled))
                y -= height
                rectangle(
                    x, y, step - 2, height, colour(row), opacity: 10,
                    title: "\(names[row]): \(counts[bucket])")
            }
            text(Format.duration(1 << UInt64(bucket)), x, bottom + 14, size: 9)
            if totals[bucket] > 0 { text(String(totals[bucket]), x, y - 3, size: 9) }
        }
    }

    // MARK: Elements

    private func colour(_ row: Int) -> String { Self.colours[row % Self.colours.count] }

    private func text(
        _ text: String, _ x: Int, _ y: Int, size: Int = 11, anchor: String = "start"
    ) {
        output.write(
            "<text x=\"\(x)\" y=\"\(y)\" font-size=\"\(size)\" text-anchor=\"\(anchor)\">"
                + "\(Format.escaped(text))</text>\n")
    }

    /// - Parameter opacity: in tenths.
    private func rectangle(
        _ x: Int, _ y: Int, _ width: Int, _ height: Int, _ colour: String, opacity: Int,
        title: String? = nil
    ) {
        var element = "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\""
        element += " fill=\"\(colour)\""
        if opacity < 10 { element += " fill-opacity=\"0.\(opacity)\"" }
        if let title {
            element += "><title>\(Format.escaped(title))</title></rect>\n"
        } else {
            element += "/>\n"
        }
        output.write(element)
    }
}
