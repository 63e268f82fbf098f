/// How often a vCPU stopped for what, and how long.
struct Totals {
    struct Row {
        let name: String
        var count: UInt64 = 0
        var bytes: UInt64 = 0
        var errors: UInt64 = 0
        var hostTime: UInt64 = 0

        @inline(__always)
        mutating func add(_ hostTime: UInt64) {
            count &+= 1
            self.hostTime &+= hostTime
        }

        mutating func add(_ other: Row) {
            count &+= other.count
            bytes = bytes.clampedSum(other.bytes)
            errors &+= other.errors
            hostTime = hostTime.clampedSum(other.hostTime)
        }

        @inline(__always)
        mutating func add(_ measure: CallMeasure) {
            bytes = bytes.clampedSum(measure.bytes)
            if measure.isError { errors &+= 1 }
        }
    }

    /// Those of all calls, then those of the kinds of other exits; a hypercall that is not known is
    /// among the latter.
    var rows: [Row]

    init(_ calls: [TracedCall]) {
        rows =
            calls.map { Row(name: $0.name) } + RecordKind.allCases.map { Row(name: $0.name) }
    }
}
