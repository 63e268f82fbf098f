/// Cuts what a tap with offloads delivers into frames as they are on the wire.
///
/// A super-frame has the headers of its first segment, and the payload of all. Each frame is made in
/// place: its headers are stored where the payload of the one before it was, which must be out of
/// use by then. Checksums are complete, as if the kernel had done without offloads.
struct Segmenter {
    /// The frame that is not cut, if it is none of the segments of a super-frame.
    private var whole: Range<Int>?
    private var frame: TCPFrame?
    private var start = 0
    private var end = 0
    private var segmentSize = 0
    /// Where the headers are, and the payload that follows next.
    private var headers = 0
    private var next = 0
    private var flags: UInt8 = 0
    /// The sum of the pseudo-header without the segment's size, in network byte order.
    private var pseudoHeader: UInt32 = 0

    /// Nothing.
    init() {}

    /// - Parameters:
    ///   - header: of the frame.
    ///   - bytes: hold the frame in `range`. A checksum that is not complete is completed.
    ///
    /// - Returns: nil if they make no sense.
    init?(_ header: VirtioHeader, _ bytes: inout [UInt8], _ range: Range<Int>) {
        let transport = range.lowerBound + Int(header.checksumStart)
        let field = transport + Int(header.checksumOffset)
        switch header.segmentation {
        case .unknown: return nil
        case .none:
            guard Self.complete(header, &bytes, range) else { return nil }
            whole = range.isEmpty ? nil : range
        case .tcpIPv4, .tcpIPv6:
            let isIPv6 = header.segmentation == .tcpIPv6
            guard header.needsChecksum, field + 2 <= range.upperBound, header.segmentSize > 0,
                Int(header.checksumOffset) == TCPFrame.checksum,
                let frame = TCPFrame(bytes, range, transport: transport, isIPv6: isIPv6)
            else { return nil }
            self.frame = frame
            start = range.lowerBound
            headers = range.lowerBound
            end = range.upperBound
            segmentSize = Int(header.segmentSize)
            next = frame.payload
            flags = bytes[transport + TCPFrame.flags]
            // The field has the sum with the super-frame's size, which is taken out of it.
            let size = UInt32(truncatingIfNeeded: end - transport)
            pseudoHeader =
                UInt32(bytes.network16(at: field)) + UInt32(~UInt16(truncatingIfNeeded: size))
                + UInt32(~UInt16(truncatingIfNeeded: size >> 16))
        }
    }

    /// Whether no frame is left.
    var isEmpty: Bool { whole == nil && frame == nil }

    /// Makes the next frame, if one is left.
    ///
    /// - Parameter bytes: those that this was made with; the frames before have been in them.
    /// - Returns: where it is.
    mutating func makeNext(_ bytes: inout [UInt8]) -> Range<Int>? {
        guard let frame else {
            defer { whole = nil }
            return whole
        }
        let first = next == frame.payload
        let size = min(segmentSize, end - next)
        let last = next + size == end
        let position = next - (frame.payload - start)
        if !first {
            moveHeaders(&bytes, to: position, count: frame.payload - start)
            advance(&bytes, frame, by: position - headers, at: position)
        }
        let shift = position - start
        let (network, transport) = (frame.network + shift, frame.transport + shift)
        var flags = flags
        if !last { flags &= ~(TCPFrame.fin | TCPFrame.push) }
        if !first { flags &= ~TCPFrame.congestion }
        bytes[transport + TCPFrame.flags] = flags
        frame.setSize(&bytes, at: network, transport: transport, end: next + size)
        bytes.setNetwork16(0, at: transport + TCPFrame.checksum)
        var sum = Checksum(pseudoHeader)
        sum.add(Checksum(UInt32(truncatingIfNeeded: next + size - transport)))
        sum.add(bytes, transport..<next + size)
        bytes.setNetwork16(sum.value, at: transport + TCPFrame.checksum)
        headers = position
        next += size
        if last { self.frame = nil }
        return position..<next
    }

    /// Copies the headers of the frame before. The two places may overlap.
    private func moveHeaders(_ bytes: inout [UInt8], to position: Int, count: Int) {
        unsafe bytes.withUnsafeMutableBytes { all in
            // Both are in the array: `position` is before a payload that is.
            let from = unsafe UnsafeRawBufferPointer(
                rebasing: UnsafeRawBufferPointer(all)[headers..<headers + count])
            unsafe UnsafeMutableRawBufferPointer(rebasing: all[position..<position + count])
                .copyMemory(from: from)
        }
    }

    /// Counts up what differs from the frame before: IPv4's identification, TCP's number.
    private func advance(
        _ bytes: inout [UInt8], _ frame: TCPFrame, by size: Int, at position: Int
    ) {
        if !frame.isIPv6 {
            let field = frame.network - start + position + TCPFrame.identification
            bytes.setNetwork16(bytes.network16(at: field) &+ 1, at: field)
        }
        let field = frame.transport - start + position + TCPFrame.sequence
        bytes.setNetwork32(
            bytes.network32(at: field) &+ UInt32(truncatingIfNeeded: size), at: field)
    }

    /// Completes the checksum of a frame that stands for no others, if it lacks one: its field then has the
    /// sum of the pseudo-header.
    ///
    /// - Returns: whether the field is in the frame.
    static func complete(
        _ header: VirtioHeader, _ bytes: inout [UInt8], _ range: Range<Int>
    ) -> Bool {
        guard header.needsChecksum else { return true }
        let start = range.lowerBound + Int(header.checksumStart)
        let field = start + Int(header.checksumOffset)
        guard field + 2 <= range.upperBound else { return false }
        var sum = Checksum()
        sum.add(bytes, start..<range.upperBound)
        let value = sum.value
        // For UDP, 0 would mean that there is none (RFC 768); to others, both are the same.
        bytes.setNetwork16(value == 0 ? 0xFFFF : value, at: field)
        return true
    }
}
