import Bytes
import CLinux
import Linux
import Tender

/// A decoded trace: its header and the records that are valid.
struct Recording {
    let header: Header
    let describer: Describer
    /// The number of records that were overwritten or are missing from the file.
    let lost: UInt64
    /// The number of invalid records.
    let damaged: Int
    private let bytes: [UInt8]
    /// The end of the trace, in nanoseconds of its clock.
    private let last: UInt64
    /// The offset and vCPU of each record, in order of time.
    private let entries: [Entry]

    private struct Entry {
        let offset: Int
        let cpu: Int
        let start: UInt64
        let sequence: UInt64
    }

    /// The largest file that is read, in bytes; no trace is larger.
    private static let most: UInt64 = 2 << 30

    static func read(_ path: String) throws(ModuleError) -> Recording {
        let bytes: [UInt8]
        do throws(Errno) {
            let file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
            let status = try FileStatus(of: file.number)
            guard status.kind == .regular else { throw Errno(ENOTSUP) }
            guard status.size <= most else { throw Errno(EFBIG) }
            bytes = try SteadyRecords.read(count: Int(status.size)) {
                (offset, count) throws(Errno) in
                try file.read(at: UInt64(offset), count: count)
            }
        } catch {
            throw ModuleError("\(path): Could not read: \(error)")
        }
        do throws(InputError) {
            return try Recording(bytes)
        } catch {
            throw ModuleError("\(path): \(error)")
        }
    }

    init(_ bytes: [UInt8]) throws(InputError) {
        let header = try Header(bytes)
        let perCPU = Int(header.recordsPerCPU)
        let available = (bytes.count - header.recordsOffset) / RecordLayout.size
        let count = min(available, Int(clamping: UInt64(perCPU) * UInt64(header.cpuCount)))
        var entries: [Entry] = []
        var damaged = 0
        var latest: UInt64 = 0
        var lost: UInt64 = 0
        for first in stride(from: 0, to: count, by: perCPU) {
            let cpu = first / perCPU
            var kept: UInt64 = 0
            var begun: UInt64 = 0
            for slot in 0..<min(perCPU, count - first) {
                let offset = header.recordsOffset + (first + slot) * RecordLayout.size
                let sequence = bytes.word64(at: offset + RecordLayout.sequence) ?? 0
                guard sequence > 0 else { continue }
                guard (sequence - 1) % UInt64(perCPU) == UInt64(slot),
                    let record = Record(bytes, at: offset, cpu: cpu)
                else {
                    damaged += 1
                    continue
                }
                kept += 1
                begun = max(begun, sequence)
                latest = max(latest, record.end)
                entries.append(
                    Entry(
                        offset: offset, cpu: cpu, start: record.start, sequence: record.sequence))
            }
            lost = lost.clampedSum(begun - min(begun, kept))
        }
        entries.sort { ($0.start, $0.cpu, $0.sequence) < ($1.start, $1.cpu, $1.sequence) }
        self.header = header
        self.bytes = bytes
        self.entries = entries
        self.damaged = damaged
        self.lost = lost
        last = max(header.endMonotonic, header.startMonotonic, latest)
        describer = Describer(CallTable(header.calls))
    }

    var count: Int { entries.count }

    func forEach(_ body: (Record) -> Void) {
        for entry in entries {
            if let record = Record(bytes, at: entry.offset, cpu: entry.cpu) { body(record) }
        }
    }

    /// The start of the trace, which times are relative to, in nanoseconds of its clock.
    var start: UInt64 {
        min(header.startMonotonic, entries.first?.start ?? .max)
    }

    /// The time from the start to the end of the trace, in nanoseconds.
    var duration: UInt64 { last - start }

    /// How long a call or exit lasted in the host, in nanoseconds; an unfinished one lasts until
    /// the end of the trace.
    func hostTime(_ record: Record) -> UInt64 {
        guard record.result == .unfinished else { return record.hostTime }
        let end = start + duration
        return end - min(end, record.start)
    }

    /// Warnings about lost and damaged records, a line each.
    var warnings: [String] {
        var lines: [String] = []
        if lost > 0 { lines.append("\(lost) older records were lost") }
        if damaged > 0 { lines.append("\(damaged) records are damaged") }
        return lines
    }

    /// The guest's end, as text.
    var end: String {
        switch header.end {
        case .running: "the tender did not see it end"
        case .halt: "it halted with status \(header.exitStatus)"
        case .fault: "it failed"
        case .stopped: "it was stopped"
        }
    }
}
