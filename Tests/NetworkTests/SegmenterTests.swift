import TestSupport
import Testing

@testable import Network

/// Super-frames that are cut into the frames that they stand for.
@Suite struct SegmenterTests {
    private static let payload = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    /// Where frames begin in their arrays.
    private static let start = 10

    private func header(_ segment: TCPSegment, _ size: UInt16) -> VirtioHeader {
        var header = VirtioHeader()
        header.segmentation = segment.isIPv6 ? .tcpIPv6 : .tcpIPv4
        header.needsChecksum = true
        header.segmentSize = size
        header.checksumStart = UInt16(segment.transport)
        header.checksumOffset = 16
        return header
    }

    /// The frames that come out; nil if this is refused.
    private func cut(_ header: VirtioHeader, _ frame: [UInt8]) -> [[UInt8]]? {
        var bytes = [UInt8](repeating: 0xEE, count: Self.start) + frame
        guard var segmenter = Segmenter(header, &bytes, Self.start..<bytes.count) else {
            return nil
        }
        var frames: [[UInt8]] = []
        while let range = segmenter.makeNext(&bytes) { frames.append(Array(bytes[range])) }
        #expect(segmenter.isEmpty)
        return frames
    }

    static let segments: [TCPSegment] = [
        TCPSegment { $0.payload = payload },
        TCPSegment {
            $0.payload = payload
            $0.options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]
            $0.flags = 16 | 8 | 1 | 128
            $0.identification = 0xFFFE
            $0.sequence = .max - 1000
            $0.fragment = 0x4000
        },
        TCPSegment {
            $0.payload = payload
            $0.networkOptions = [7, 7, 4, 0, 0, 0, 0, 0]
            $0.tags = [0x2005]
        },
        TCPSegment {
            $0.payload = payload
            $0.isIPv6 = true
            $0.trafficClass = 0xB8
        },
        TCPSegment {
            $0.payload = payload
            $0.isIPv6 = true
            $0.tags = [5, 6]
            $0.options = [1, 1, 1, 0]
            $0.extensionHeader = [6, 0, 1, 4, 0, 0, 0, 0]
            $0.flags = 16 | 8 | 1
        },
    ]

    @Test(arguments: segments, [1448, 1, 7, 2500, 4999, 5000, 5001])
    func superFrames(_ segment: TCPSegment, _ size: Int) throws {
        let frames = try #require(
            cut(header(segment, UInt16(size)), segment.frame(isPartial: true)))
        let expected = segment.cut(every: size).map { $0.frame() }
        #expect(frames.count == expected.count)
        #expect(frames == expected)
    }

    /// As in a frame of control, that happened to be handed over as a super-frame.
    @Test func withoutAPayload() throws {
        let segment = TCPSegment { $0.flags = 17 }
        #expect(cut(header(segment, 1448), segment.frame(isPartial: true)) == [segment.frame()])
    }

    @Test func framesWithoutAChecksum() throws {
        for segment in Self.segments {
            var header = header(segment, 0)
            header.segmentation = .none
            #expect(cut(header, segment.frame(isPartial: true)) == [segment.frame()])
        }
    }

    /// In UDP's field, 0 would mean that there is none.
    @Test func checksumsThatAreZero() throws {
        var header = VirtioHeader()
        header.needsChecksum = true
        header.checksumStart = 14
        header.checksumOffset = 6
        let frame = [UInt8](repeating: 0, count: 14) + [0, 1, 0, 2, 0, 8, 0xFF, 0xF4]
        #expect(cut(header, frame) == [Array(frame.dropLast(2)) + [0xFF, 0xFF]])
    }

    @Test func otherFramesStayAsTheyAre() throws {
        for count in [1, 14, 60, 1514] {
            let frame = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            #expect(cut(VirtioHeader(), frame) == [frame])
        }
    }

    // MARK: What makes no sense

    @Test func refusesWhatMakesNoSense() throws {
        let segment = TCPSegment { $0.payload = Self.payload }
        let frame = segment.frame(isPartial: true)
        let good = header(segment, 1448)
        func expectRefusal(
            _ frame: [UInt8], _ location: SourceLocation = #_sourceLocation,
            _ change: (inout VirtioHeader) -> Void = { _ in }
        ) {
            var header = good
            change(&header)
            #expect(cut(header, frame) == nil, sourceLocation: location)
        }
        expectRefusal(frame) { $0.needsChecksum = false }
        expectRefusal(frame) { $0.segmentSize = 0 }
        expectRefusal(frame) { $0.segmentation = .unknown }
        expectRefusal(frame) { $0.segmentation = .tcpIPv6 }
        expectRefusal(frame) { $0.checksumOffset = 6 }
        for start: UInt16 in [0, 13, 33, 35, 5000, .max] {
            expectRefusal(frame) { $0.checksumStart = start }
        }
        for offset: UInt16 in [5040, .max] {
            expectRefusal(frame) {
                $0.segmentation = .none
                $0.checksumOffset = offset
            }
        }
        for count in [0, 1, 13, 14, 33, 34, 53] { expectRefusal(Array(frame.prefix(count))) }
        // An IP version, sizes of headers, and a type that are none.
        for (index, value) in [(14, 0x65), (14, 0x44), (14, 0x4F), (46, 0x40), (46, 0xF0), (12, 1)]
        {
            var other = Array(frame.prefix(60))
            other[index] = UInt8(value)
            expectRefusal(other)
        }
        // Three tags.
        let tags = [0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1] as [UInt8]
        expectRefusal(Array(frame[..<12]) + tags + frame[12...]) { $0.checksumStart += 12 }
    }
}

/// The sum over bytes at any place and of any number, against one word by word.
@Suite struct ChecksumTests {
    @Test func agreesWithTheDefinition() {
        var bytes = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 &+ $0) }
        for fill in [nil, 0, 0xFF] as [UInt8?] {
            if let fill { bytes = bytes.map { _ in fill } }
            for start in 0..<9 {
                for count in Array(0..<40) + [1459, 1460, 2991] {
                    var sum = Checksum()
                    sum.add(bytes, start..<start + count)
                    #expect(sum.folded == TCPSegment.sum(Array(bytes[start..<start + count])))
                    #expect(sum.value == ~sum.folded)
                }
            }
        }
    }

    @Test func addsUp() {
        var sum = Checksum(0xFFFE_0003)
        sum.add([0x00, 0x01, 0x80], 0..<3)
        #expect(sum.folded == TCPSegment.sum([0xFF, 0xFE, 0, 3, 0, 1, 0x80, 0]))
        var other = Checksum(7)
        other.add(sum)
        #expect(other.folded == TCPSegment.sum([0xFF, 0xFE, 0, 3, 0, 1, 0x80, 0, 0, 7]))
    }
}

@Suite struct VirtioHeaderTests {
    @Test func bytes() {
        var header = VirtioHeader()
        header.segmentation = .tcpIPv6
        header.needsChecksum = true
        header.headerSize = 0x0102
        header.segmentSize = 0x0304
        header.checksumStart = 0x0506
        header.checksumOffset = 0x0708
        var bytes = [UInt8](repeating: 9, count: 12)
        header.store(in: &bytes)
        // Of the processor's byte order; the rest stays.
        #expect(bytes == [1, 4, 2, 1, 4, 3, 6, 5, 8, 7, 9, 9])
        #expect(VirtioHeader(bytes) == header)
        // The mark of congestion notification says nothing about how to cut.
        bytes[1] = 0x81
        #expect(VirtioHeader(bytes).segmentation == .tcpIPv4)
        bytes[1] = 5
        #expect(VirtioHeader(bytes).segmentation == .unknown)
        VirtioHeader().store(in: &bytes)
        #expect(bytes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9])
    }
}
