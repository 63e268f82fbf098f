import TestSupport
import Testing

@testable import Network

/// Frames that are joined into super-frames, and come apart as they were.
@Suite struct MergerTests {
    /// Of a tap as QEMU leaves it, which has room for the number of buffers.
    private static let headerSize = 12

    private static func makeMerger() -> Merger {
        Merger(headerSize: headerSize, largest: NetworkBackend.largestFrame, mtu: 1500)
    }

    /// What goes to the tap for these frames, which come one after another.
    private func join(_ frames: [[UInt8]]) -> [[UInt8]] {
        var merger = Self.makeMerger()
        var written: [[UInt8]] = []
        for frame in frames {
            merger.take(count: frame.count) { $0.copyBytes(from: frame) }
            if !merger.join(count: frame.count) {
                if let bytes = merger.finish() { written.append(Array(bytes)) }
                merger.begin(count: frame.count)
            }
        }
        if let bytes = merger.finish() { written.append(Array(bytes)) }
        #expect(merger.isEmpty && merger.finish() == nil)
        return written
    }

    /// The frames that the kernel makes of what was written.
    private func cut(_ written: [UInt8]) -> [[UInt8]] {
        var bytes = written
        guard
            var segmenter = Segmenter(
                VirtioHeader(bytes), &bytes, Self.headerSize..<bytes.count)
        else { return [] }
        var frames: [[UInt8]] = []
        while let range = segmenter.makeNext(&bytes) { frames.append(Array(bytes[range])) }
        return frames
    }

    private static func payload(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 * 3) }
    }

    /// Segments as a sender makes them: PSH with the last.
    private static func stream(
        _ count: Int, every size: Int = 1000, _ change: (inout TCPSegment) -> Void = { _ in }
    ) -> [[UInt8]] {
        let whole = TCPSegment {
            $0.payload = payload(count)
            $0.flags = 16 | 8
            change(&$0)
        }
        return whole.cut(every: size).map { $0.frame() }
    }

    // MARK: What is joined

    @Test(arguments: [2000, 2001, 2999, 3000, 40_000])
    func segmentsOfAFlow(_ count: Int) {
        let changes: [(inout TCPSegment) -> Void] = [
            { _ in }, { $0.isIPv6 = true },
            {
                $0.options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]
                $0.networkOptions = [7, 7, 4, 0, 0, 0, 0, 0]
                $0.fragment = 0x4000
                $0.identification = 0xFFFF
                $0.sequence = .max - 500
            },
            {
                $0.isIPv6 = true
                $0.options = [1, 1, 1, 0]
                $0.trafficClass = 0x12
            },
        ]
        for change in changes {
            let frames = Self.stream(count, change)
            let written = join(frames)
            #expect(written.count == 1)
            #expect(cut(written[0]) == frames)
        }
    }

    @Test func theHeaderSaysHow() {
        let written = join(Self.stream(2500))[0]
        let header = VirtioHeader(written)
        #expect(header.segmentation == .tcpIPv4 && header.needsChecksum)
        #expect(header.headerSize == 54 && header.segmentSize == 1000)
        #expect(header.checksumStart == 34 && header.checksumOffset == 16)
        #expect(written.count == Self.headerSize + 54 + 2500)
        #expect(written[10..<12].allSatisfy { $0 == 0 })
        // The IP header is one of a whole packet, and TCP's checksum that of the pseudo-header.
        let whole = TCPSegment {
            $0.payload = Self.payload(2500)
            $0.flags = 16 | 8
        }
        #expect(Array(written[Self.headerSize...]) == whole.frame(isPartial: true))
    }

    /// What is alone goes as it came, even if it is wrong: the kernel looks at it.
    @Test func aFrameAlone() {
        for frame in Self.stream(900) + [[UInt8](repeating: 1, count: 14)] {
            let written = join([frame])
            #expect(written == [[UInt8](repeating: 0, count: Self.headerSize) + frame])
        }
        let wrong = Self.stream(900)[0].dropLast() + [0x77]
        #expect(join([Array(wrong)]).map { Array($0[Self.headerSize...]) } == [Array(wrong)])
    }

    @Test func noMoreThanIPTells() {
        // 66 of them, the last of which would be one too many.
        for isIPv6 in [false, true] {
            let frames = Self.stream(66 * 1000, every: 1000) { $0.isIPv6 = isIPv6 }
            let written = join(frames)
            #expect(written.count == 2)
            #expect(written[0].count <= Self.headerSize + 14 + 65535)
            #expect(written.flatMap(cut) == frames)
        }
    }

    @Test func numbersThatMeanNothing() {
        let parts = TCPSegment {
            $0.payload = Self.payload(3000)
            $0.fragment = 0x4000
        }.cut(every: 1000).map { part in
            TCPSegment {
                $0 = part
                $0.identification = 0
            }.frame()
        }
        #expect(join(parts).count == 1)
    }

    /// As of a stack that pushes each: the last has PSH for all, if any has it.
    @Test(arguments: [false, true])
    func fullSegmentsThatArePushed(isIPv6: Bool) {
        let size = isIPv6 ? 1440 : 1460
        let parts = TCPSegment {
            $0.isIPv6 = isIPv6
            $0.payload = Self.payload(3 * size)
        }.cut(every: size)
        for pushed in [[0, 1, 2], [0], [1], [0, 1], [2]] {
            var sent = parts
            for index in pushed { sent[index].flags |= 8 }
            var collapsed = parts
            collapsed[2].flags |= 8
            let written = join(sent.map { $0.frame() })
            #expect(written.count == 1)
            #expect(cut(written[0]) == collapsed.map { $0.frame() })
        }
        // One that is smaller by a byte is the last.
        var sent = parts.map { part in
            TCPSegment {
                $0 = part
                $0.flags |= 8
                $0.payload.removeLast()
            }
        }
        for index in 1..<3 { sent[index].sequence -= UInt32(index) }
        let frames = sent.map { $0.frame() }
        #expect(join(frames).map(cut) == frames.map { [$0] })
    }

    // MARK: What is not

    /// Changes of the second of two segments that could be joined.
    private static let changes: [(name: String, change: @Sendable (inout TCPSegment) -> Void)] = [
        ("source", { $0.source = 9 }),
        ("destination", { $0.destination = 9 }),
        ("source port", { $0.sourcePort = 9 }),
        ("destination port", { $0.destinationPort = 9 }),
        ("hops", { $0.hops = 63 }),
        ("traffic class", { $0.trafficClass = 4 }),
        ("don't fragment", { $0.fragment = 0x4000 }),
        ("more fragments", { $0.fragment = 0x2000 }),
        ("a fragment's offset", { $0.fragment = 0x0010 }),
        ("number", { $0.identification += 1 }),
        ("same number, though it may be fragmented", { $0.identification -= 1 }),
        ("IP options", { $0.networkOptions = [1, 1, 1, 0] }),
        ("tag", { $0.tags = [3] }),
        ("gap", { $0.sequence += 1 }),
        ("repetition", { $0.sequence -= 1000 }),
        ("acknowledgement", { $0.acknowledgement += 1 }),
        ("window", { $0.window += 1 }),
        ("urgent pointer", { $0.urgent = 1 }),
        ("options", { $0.options = [1, 1, 1, 0] }),
        ("FIN", { $0.flags |= 1 }), ("SYN", { $0.flags |= 2 }), ("RST", { $0.flags |= 4 }),
        ("URG", { $0.flags |= 32 }), ("ECE", { $0.flags |= 64 }), ("CWR", { $0.flags |= 128 }),
        ("no ACK", { $0.flags = 8 }),
        ("more payload", { $0.payload.append(1) }),
        ("no payload", { $0.payload = [] }),
    ]

    @Test("attack 08: frames that only look like parts of another", arguments: changes.indices)
    func anythingElse(_ index: Int) {
        let (name, change) = Self.changes[index]
        let parts = TCPSegment { $0.payload = Self.payload(2000) }.cut(every: 1000)
        let other = TCPSegment {
            $0 = parts[1]
            change(&$0)
        }
        let frames = [parts[0].frame(), other.frame()]
        let written = join(frames)
        #expect(written.map { Array($0[Self.headerSize...]) } == frames, "\(name)")
        #expect(join(parts.map { $0.frame() }).count == 1)
    }

    @Test func differencesOfIPv6() {
        let parts = TCPSegment {
            $0.isIPv6 = true
            $0.payload = Self.payload(2000)
        }.cut(every: 1000)
        let changes: [(inout TCPSegment) -> Void] = [
            { $0.hops = 1 }, { $0.trafficClass = 1 }, { $0.source = 9 },
            { $0.extensionHeader = [6, 0, 1, 4, 0, 0, 0, 0] }, { $0.isIPv6 = false },
        ]
        for change in changes {
            let other = TCPSegment {
                $0 = parts[1]
                change(&$0)
            }
            let frames = [parts[0].frame(), other.frame()]
            #expect(join(frames).map { Array($0[Self.headerSize...]) } == frames)
        }
    }

    /// Whatever is wrong, be it with the first or the second.
    @Test func checksumsThatAreWrong() {
        let frames = Self.stream(2000)
        // IPv4's checksum, TCP's, and the payload.
        for (place, field) in [24, 50, 700].flatMap({ field in [(0, field), (1, field)] }) {
            var others = frames
            others[place][field] ^= 1
            #expect(join(others).map { Array($0[Self.headerSize...]) } == others)
        }
    }

    @Test func bytesPastTheEnd() {
        for place in 0..<2 {
            var frames = Self.stream(2000)
            frames[place].append(0)
            #expect(join(frames).map { Array($0[Self.headerSize...]) } == frames)
        }
    }

    @Test func pushAndSmallerOnesEnd() {
        let parts = TCPSegment { $0.payload = Self.payload(4000) }.cut(every: 1000)
        var pushed = parts
        pushed[1].flags |= 8
        #expect(
            join(pushed.map { $0.frame() }).map(cut) == [
                pushed[..<2].map { $0.frame() }, pushed[2...].map { $0.frame() },
            ])
        pushed[0].flags |= 8
        #expect(join(pushed.map { $0.frame() }).count == 3)

        var smaller = parts
        smaller[1].payload.removeLast()
        for index in 2..<4 { smaller[index].sequence -= 1 }
        #expect(join(smaller.map { $0.frame() }).map(cut).map(\.count) == [2, 2])
    }

    /// Nothing overtakes anything, and what has no data waits for nothing.
    @Test func orderIsKept() {
        let first = Self.stream(3000)
        let second = Self.stream(3000) { $0.sourcePort = 7 }
        let acknowledgement = TCPSegment().frame()
        let frames = [first[0], second[0], acknowledgement, first[1], second[1]]
        #expect(join(frames).map { Array($0[Self.headerSize...]) } == frames)

        var merger = Self.makeMerger()
        for frame in [acknowledgement, Self.stream(64)[0], [UInt8](repeating: 1, count: 60)] {
            merger.take(count: frame.count) { $0.copyBytes(from: frame) }
            merger.begin(count: frame.count)
            #expect(!merger.isOpen)
        }
    }
}
