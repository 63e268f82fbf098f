import Tender

/// A vCPU's counters for each kind of call and exit. Only the vCPU's thread writes; other threads
/// may read slightly older values.
final class Totals: Sendable {
    struct Row {
        let name: String
        var count: UInt64 = 0
        var bytes: UInt64 = 0
        var errors: UInt64 = 0
        var hostTime: UInt64 = 0

        mutating func add(_ other: Row) {
            count &+= other.count
            bytes = bytes.clampedSum(other.bytes)
            errors &+= other.errors
            hostTime = hostTime.clampedSum(other.hostTime)
        }

        mutating func add(_ measure: CallMeasure) {
            bytes = bytes.clampedSum(measure.bytes)
            if measure.isError { errors &+= 1 }
        }
    }

    /// The names of the rows: first all calls, then the kinds of exits, among them unknown
    /// hypercalls.
    static func names(_ calls: [TracedCall]) -> [String] {
        calls.map { $0.name } + RecordKind.allCases.map { $0.name }
    }

    private let names: [String]
    /// Count, bytes, errors and time of each row.
    private let counters: Counters
    private static let width = 4

    init(_ calls: [TracedCall]) {
        names = Self.names(calls)
        counters = Counters(count: names.count * Self.width)
    }

    var rows: [Row] {
        names.enumerated().map { index, name in
            let first = index * Self.width
            return Row(
                name: name, count: counters[first], bytes: counters[first + 1],
                errors: counters[first + 2], hostTime: counters[first + 3])
        }
    }

    @inline(__always)
    func add(_ hostTime: UInt64, to row: Int) {
        counters[row * Self.width] &+= 1
        counters[row * Self.width + 3] &+= hostTime
    }

    @inline(__always)
    func add(_ measure: CallMeasure, to row: Int) {
        let first = row * Self.width
        counters[first + 1] = counters[first + 1].clampedSum(measure.bytes)
        if measure.isError { counters[first + 2] &+= 1 }
    }
}
