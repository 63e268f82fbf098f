/// One stop of a vCPU.
struct Record: Equatable {
    var cpu: Int
    /// Counted for each vCPU, from 0 on.
    var sequence: UInt64
    /// When the vCPU stopped, in nanoseconds of the trace's clock.
    var start: UInt64
    /// How long it stood still, in nanoseconds; 0 if unfinished.
    var hostTime: UInt64
    /// How long it ran before.
    var guestTime: UInt64
    var kind: RecordKind
    /// Of the hypercall or the I/O port; in other cases 0.
    var number: Int32
    var result: RecordResult
    /// Of an access, in bytes.
    var width: UInt8
    /// Where the hypercall's argument lies or what it is, the address of an access, or a reason.
    var address: UInt64
    /// The argument as it was afterwards, or as much of it as is kept.
    var argument: [UInt8]

    /// - Parameter offset: where the record lies in `bytes`.
    /// - Returns: nil if there is none.
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

    /// When the vCPU ran on.
    var end: UInt64 { start.clampedSum(hostTime) }
}

extension UInt64 {
    /// The sum, or the greatest number if it is greater.
    func clampedSum(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
