import Bytes
import Tender

/// The header of a trace file.
struct Header: Equatable {
    static let magic = Array("PNCTRACE".utf8)
    static let version: UInt32 = 2
    /// CLOCK_MONOTONIC, in nanoseconds.
    static let clock: UInt32 = 1
    /// Limits above those of any guest.
    static let mostCPUs: UInt32 = 1 << 16
    static let mostCalls: UInt32 = 1 << 10
    static let mostFields: UInt32 = 1 << 14

    /// The guest's end; `running` also if the tender was killed before it was recorded.
    enum End: UInt32 {
        case running, halt, fault, stopped
    }

    var cpuCount: UInt32
    var recordsPerCPU: UInt32
    var startMonotonic: UInt64
    var startRealTime: UInt64
    var endMonotonic: UInt64 = 0
    var end = End.running
    var exitStatus: Int32 = 0
    /// "Solo5" or "Hermit".
    var guests: String
    var calls: [TracedCall]

    /// The offset of the first record.
    var recordsOffset: Int { Self.size(calls) }

    /// The size of a header with these calls, in bytes: a multiple of the page size.
    static func size(_ calls: [TracedCall]) -> Int {
        size(callCount: calls.count, fieldCount: fieldCount(calls))
    }

    /// The size of the largest header, in bytes.
    static var mostSize: Int {
        size(callCount: Int(mostCalls), fieldCount: Int(mostFields))
    }

    private static func size(callCount: Int, fieldCount: Int) -> Int {
        let calls = callCount * HeaderLayout.callSize
        let fields = fieldCount * HeaderLayout.fieldSize
        return (HeaderLayout.calls + calls + fields + 4095) / 4096 * 4096
    }

    private static func fieldCount(_ calls: [TracedCall]) -> Int {
        calls.reduce(0) { $0 + $1.fields.count }
    }

    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: recordsOffset)
        bytes.put(Self.magic, at: HeaderLayout.magic)
        bytes.put(Self.version, at: HeaderLayout.version)
        bytes.put(UInt32(RecordLayout.size), at: HeaderLayout.recordSize)
        bytes.put(cpuCount, at: HeaderLayout.cpuCount)
        bytes.put(recordsPerCPU, at: HeaderLayout.recordsPerCPU)
        bytes.put(UInt64(recordsOffset), at: HeaderLayout.recordsOffset)
        bytes.put(startMonotonic, at: HeaderLayout.startMonotonic)
        bytes.put(startRealTime, at: HeaderLayout.startRealTime)
        bytes.put(endMonotonic, at: HeaderLayout.endMonotonic)
        bytes.put(end.rawValue, at: HeaderLayout.end)
        bytes.put(UInt32(bitPattern: exitStatus), at: HeaderLayout.exitStatus)
        bytes.put(guests.utf8.prefix(HeaderLayout.guestsCount), at: HeaderLayout.guests)
        bytes.put(Self.clock, at: HeaderLayout.clock)
        bytes.put(UInt32(calls.count), at: HeaderLayout.callCount)
        bytes.put(UInt32(Self.fieldCount(calls)), at: HeaderLayout.fieldCount)
        var fields = HeaderLayout.calls + calls.count * HeaderLayout.callSize
        for (index, call) in calls.enumerated() {
            let start = HeaderLayout.calls + index * HeaderLayout.callSize
            bytes.put(UInt32(bitPattern: call.number), at: start)
            bytes.put(UInt32(call.argumentSize), at: start + HeaderLayout.callArgumentSize)
            bytes.put(
                call.name.utf8.prefix(HeaderLayout.callNameCount),
                at: start + HeaderLayout.callName)
            bytes.put(UInt32(call.fields.count), at: start + HeaderLayout.callFieldCount)
            FieldTable.write(call.fields, to: &bytes, at: fields)
            fields += call.fields.count * HeaderLayout.fieldSize
        }
        return bytes
    }

    /// - Parameter bytes: the whole file, or its beginning.
    init(_ bytes: [UInt8]) throws(InputError) {
        guard bytes.starts(with: Self.magic), let version = bytes.word32(at: HeaderLayout.version)
        else {
            throw InputError(
                bytes.allSatisfy { $0 == 0 }
                    ? "the trace is empty: its guest was never started" : "not a trace")
        }
        guard version == Self.version else {
            throw InputError(
                "a trace of version \(version), and this pinnace reads version \(Self.version)")
        }
        guard let cpuCount = bytes.word32(at: HeaderLayout.cpuCount),
            let recordsPerCPU = bytes.word32(at: HeaderLayout.recordsPerCPU),
            let recordsOffset = bytes.word64(at: HeaderLayout.recordsOffset),
            let callCount = bytes.word32(at: HeaderLayout.callCount),
            let fieldCount = bytes.word32(at: HeaderLayout.fieldCount),
            let end = bytes.word32(at: HeaderLayout.end).flatMap({ End(rawValue: $0) }),
            bytes.word32(at: HeaderLayout.recordSize) == UInt32(RecordLayout.size),
            bytes.word32(at: HeaderLayout.clock) == Self.clock,
            (1...Self.mostCPUs).contains(cpuCount), recordsPerCPU > 0,
            callCount <= Self.mostCalls, fieldCount <= Self.mostFields,
            recordsOffset
                == UInt64(Self.size(callCount: Int(callCount), fieldCount: Int(fieldCount))),
            bytes.count >= recordsOffset
        else { throw Self.damaged }
        self.cpuCount = cpuCount
        self.recordsPerCPU = recordsPerCPU
        self.end = end
        startMonotonic = bytes.word64(at: HeaderLayout.startMonotonic) ?? 0
        startRealTime = bytes.word64(at: HeaderLayout.startRealTime) ?? 0
        endMonotonic = bytes.word64(at: HeaderLayout.endMonotonic) ?? 0
        exitStatus = Int32(bitPattern: bytes.word32(at: HeaderLayout.exitStatus) ?? 0)
        guests = bytes.text(at: HeaderLayout.guests, most: HeaderLayout.guestsCount)
        calls = try Self.calls(bytes, Int(callCount), fieldCount: Int(fieldCount))
    }

    private static var damaged: InputError { InputError("the trace's header is damaged") }

    private static func calls(
        _ bytes: [UInt8], _ count: Int, fieldCount: Int
    ) throws(InputError) -> [TracedCall] {
        var calls: [TracedCall] = []
        var first = 0
        for index in 0..<count {
            let start = HeaderLayout.calls + index * HeaderLayout.callSize
            let own = Int(bytes.word32(at: start + HeaderLayout.callFieldCount) ?? 0)
            let fields = FieldTable.read(
                bytes,
                at: HeaderLayout.calls + count * HeaderLayout.callSize
                    + first * HeaderLayout.fieldSize, count: min(own, fieldCount - first))
            guard own <= fieldCount - first, let fields else { throw Self.damaged }
            first += own
            calls.append(
                TracedCall(
                    number: Int32(bitPattern: bytes.word32(at: start) ?? 0),
                    name: bytes.text(
                        at: start + HeaderLayout.callName, most: HeaderLayout.callNameCount),
                    argumentSize: Int(
                        clamping: bytes.word32(at: start + HeaderLayout.callArgumentSize) ?? 0),
                    fields: fields))
        }
        return calls
    }

    init(
        cpuCount: UInt32, recordsPerCPU: UInt32, startMonotonic: UInt64, startRealTime: UInt64,
        guests: String, calls: [TracedCall]
    ) {
        self.cpuCount = cpuCount
        self.recordsPerCPU = recordsPerCPU
        self.startMonotonic = startMonotonic
        self.startRealTime = startRealTime
        self.guests = guests
        self.calls = calls
    }
}
