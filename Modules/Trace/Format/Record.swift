/// A record: one exit of a vCPU.
struct Record: Equatable {
    var cpu: Int
    /// The sequence number on this vCPU, from 0.
    var sequence: UInt64
    /// The time of the exit, in nanoseconds of the trace's clock.
    var start: UInt64
    /// The time in the host until the next entry, in nanoseconds; 0 if unfinished.
    var hostTime: UInt64
    /// The time in the guest before the exit, in nanoseconds.
    var guestTime: UInt64
    var kind: RecordKind
    /// The number of the hypercall or I/O port; 0 for other exits.
    var number: Int32
    var result: RecordResult
    /// The width of an access, in bytes.
    var width: UInt8
    /// The address or value of a hypercall's argument, the address of an access, or an exit reason.
    var address: UInt64
    /// The argument after the call, as far as it is kept.
    var argument: [UInt8]

    /// - Parameter offset: the offset of the record in `bytes`.
    /// - Returns: nil if there is no valid record.
    init?(_ bytes: [UInt8], at offset: Int, cpu: Int) {
        guard offset >= 0, offset <= bytes.count, RecordLayout.size <= bytes.count - offset,
            let sequence = bytes.word64(at: offset + RecordLayout.sequence), sequence > 0,
            let kind = RecordKind(rawValue: bytes[offset + RecordLayout.kind]),
            let result = RecordResult(rawValue: bytes[offset + RecordLayout.result]),
            let start = bytes.word64(at: offset + RecordLayout.start),
            let hostTime = bytes.word64(at: offset + RecordLayout.hostTime),
            let guestTime = bytes.word64(at: offset + RecordLayout.guestTime),
            let number = bytes.word32(at: offset + RecordLayout.number),
            let address = bytes.word64(at: offset + RecordLayout.address)
        else { return nil }
        let count = Int(bytes[offset + RecordLayout.argumentCount])
        guard count <= RecordLayout.mostArgument else { return nil }
        self.cpu = cpu
        self.sequence = sequence - 1
        self.start = start
        self.hostTime = hostTime
        self.guestTime = guestTime
        self.kind = kind
        self.number = Int32(bitPattern: number)
        self.result = result
        width = bytes[offset + RecordLayout.width]
        self.address = address
        let first = offset + RecordLayout.argument
        argument = Array(bytes[first..<first + count])
    }

    /// The time of the next entry, in nanoseconds of the trace's clock.
    var end: UInt64 { start.clampedSum(hostTime) }
}

extension UInt64 {
    /// The saturating sum.
    func clampedSum(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
