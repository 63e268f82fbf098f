/// Joins frames that follow each other, and are segments of one TCP flow, into a super-frame for a
/// tap with offloads.
///
/// Frames are joined only if cutting the super-frame gives the same ones again, their numbers of
/// IPv4 apart where fragmenting is forbidden, and these mean nothing (RFC 6864): headers alike,
/// sequence numbers without gaps, payloads of the same size, of which the last may be smaller,
/// checksums right. PSH ends a super-frame, and so does its size.
///
/// The exception is PSH in a segment that is as large as can be: some stacks, such as MirageOS's, set
/// it in each. It is no mark in the data, and who sends should collapse successive ones
/// (RFC 9293, SHLD-27), as a stack does that leaves it to the network card to cut. So the last segment
/// of those that are joined has it for all.
///
/// Frames keep their order: what can't be joined goes after what is there.
struct Merger {
    /// Room for a header and a frame: where frames are joined.
    private var joined: [UInt8]
    /// Where the next frame is copied to, at `start`.
    private(set) var candidate: [UInt8]
    /// The end of what is in `joined`; 0 for nothing.
    private var end = 0
    /// The first frame in `joined`; nil if nothing can ever follow it.
    private var first: TCPFrame?
    /// Whether a frame that comes now could be joined.
    private(set) var isOpen = false
    private var segmentSize = 0
    private var segments = 0
    /// Whether the first frame's checksums were found to be right.
    private var isIntact = false

    /// The size of the tap's header: where frames begin.
    private let start: Int
    private let mtu: Int

    /// - Parameters:
    ///   - headerSize: of the tap; at least `VirtioHeader.size`.
    ///   - largest: the size of the largest frame.
    ///   - mtu: the tap's, in bytes.
    init(headerSize: Int, largest: Int, mtu: UInt16) {
        start = headerSize
        self.mtu = Int(mtu)
        joined = .untouched(count: headerSize + largest)
        candidate = .untouched(count: headerSize + largest)
        for index in 0..<headerSize {
            joined[index] = 0
            candidate[index] = 0
        }
    }

    /// The most that the field of an IP header can tell.
    private static let mostSize = Int(UInt16.max)

    /// Copies a frame of `count` bytes, for which there is room, to be the candidate.
    mutating func take(count: Int, _ copy: (UnsafeMutableRawBufferPointer) -> Void) {
        unsafe candidate.withUnsafeMutableBytes { bytes in
            let room = unsafe bytes[start..<start + count]
            unsafe copy(UnsafeMutableRawBufferPointer(rebasing: room))
        }
    }

    /// Joins the candidate of `count` bytes to what is there.
    ///
    /// - Returns: whether it was joined. Otherwise what is there is to be sent, and then `begin`
    ///   called.
    mutating func join(count: Int) -> Bool {
        guard isOpen, let first, let other = TCPFrame(whole: candidate, start..<start + count),
            other.payload == first.payload, other.transport == first.transport,
            other.payloadSize > 0, other.payloadSize <= segmentSize,
            end - first.network + other.payloadSize <= Self.mostSize, isNext(first),
            isIntact || first.isIntact(joined), other.isIntact(candidate)
        else { return false }
        isIntact = true
        appendPayload(of: other)
        segments += 1
        let flags = candidate[other.transport + TCPFrame.flags]
        joined[first.transport + TCPFrame.flags] |= flags
        isOpen = other.payloadSize == segmentSize && mayGoOn(other, flags)
        return true
    }

    /// Makes the candidate of `count` bytes what is there. What was is lost.
    mutating func begin(count: Int) {
        swap(&joined, &candidate)
        end = start + count
        segments = 1
        isIntact = false
        first = nil
        isOpen = false
        // Other flags belong into the first or last frame only, or to no data.
        guard let frame = TCPFrame(whole: joined, start..<end), frame.payloadSize > 0,
            mayGoOn(frame, joined[frame.transport + TCPFrame.flags])
        else { return }
        first = frame
        isOpen = true
        segmentSize = frame.payloadSize
    }

    var isEmpty: Bool { end == 0 }

    /// Completes what is there: a header and a frame.
    ///
    /// - Returns: its bytes, which stay until the next call of `begin`; nil if there are none.
    mutating func finish() -> ArraySlice<UInt8>? {
        guard !isEmpty else { return nil }
        defer {
            end = 0
            isOpen = false
        }
        var header = VirtioHeader()
        if segments > 1, let first {
            first.setSize(&joined, at: first.network, transport: first.transport, end: end)
            let sum = first.pseudoHeader(joined, size: end - first.transport)
            joined.setNetwork16(sum.folded, at: first.transport + TCPFrame.checksum)
            header.segmentation = first.isIPv6 ? .tcpIPv6 : .tcpIPv4
            header.needsChecksum = true
            header.headerSize = UInt16(first.payload - start)
            header.segmentSize = UInt16(truncatingIfNeeded: segmentSize)
            header.checksumStart = UInt16(first.transport - start)
            header.checksumOffset = UInt16(TCPFrame.checksum)
        }
        header.store(in: &joined)
        return joined[..<end]
    }

    // MARK: Conditions

    /// Whether others may be joined to a segment with these flags.
    private func mayGoOn(_ frame: TCPFrame, _ flags: UInt8) -> Bool {
        flags == TCPFrame.acknowledge
            || flags == TCPFrame.acknowledge | TCPFrame.push && frame.end - frame.network == mtu
    }

    /// Whether the candidate's headers continue those of what is there. Those that differ in each
    /// segment are left out of the comparison: sizes, checksums, numbers, flags.
    private func isNext(_ frame: TCPFrame) -> Bool {
        let (network, transport) = (frame.network, frame.transport)
        let payload = end - frame.payload
        let flags = candidate[transport + TCPFrame.flags]
        return areEqual(start..<network)
            && (frame.isIPv6 ? isNextIPv6(network) : isNextIPv4(network, transport))
            && areEqual(transport..<transport + TCPFrame.sequence)
            && candidate.network32(at: transport + TCPFrame.sequence)
                == joined.network32(at: transport + TCPFrame.sequence)
                &+ UInt32(truncatingIfNeeded: payload)
            && areEqual(transport + 8..<transport + TCPFrame.flags)
            && flags & ~TCPFrame.push == TCPFrame.acknowledge
            && areEqual(transport + TCPFrame.flags + 1..<transport + TCPFrame.checksum)
            && areEqual(transport + TCPFrame.checksum + 2..<frame.payload)
    }

    private func isNextIPv4(_ network: Int, _ transport: Int) -> Bool {
        let field = network + TCPFrame.identification
        let number = candidate.network16(at: field)
        let first = joined.network16(at: field)
        let isNumbered = number == first &+ UInt16(truncatingIfNeeded: segments)
        let isAtomic = joined.network16(at: field + 2) & TCPFrame.dontFragment != 0
        return isNumbered || isAtomic && number == first
            ? areEqual(network..<network + 2) && areEqual(field + 2..<field + 6)
                && areEqual(network + 12..<transport)
            : false
    }

    private func isNextIPv6(_ network: Int) -> Bool {
        areEqual(network..<network + 4)
            && areEqual(network + 6..<network + TCPFrame.ipv6HeaderSize)
    }

    private func areEqual(_ range: Range<Int>) -> Bool {
        for index in range where joined[index] != candidate[index] { return false }
        return true
    }

    /// Appends the candidate's payload, for which there is room: it is no more than IP allows.
    private mutating func appendPayload(of other: TCPFrame) {
        unsafe joined.withUnsafeMutableBytes { to in
            unsafe candidate.withUnsafeBytes { from in
                let payload = unsafe UnsafeRawBufferPointer(
                    rebasing: from[other.payload..<other.end])
                unsafe UnsafeMutableRawBufferPointer(
                    rebasing: to[end..<end + payload.count]
                ).copyMemory(from: payload)
            }
        }
        end += other.payloadSize
    }
}
