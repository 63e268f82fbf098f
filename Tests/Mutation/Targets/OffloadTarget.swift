#if Net
    import Foundation
    import TestSupport

    @testable import Network

    /// What cuts and joins TCP's super-frames.
    ///
    /// An input begins with a byte for the direction. To cut, a virtio header and a frame follow; to
    /// join, frames, each after its length in 2 bytes.
    final class OffloadTarget: InputTarget {
        static let name = "net-offload"

        private static let headerSize = VirtioHeader.size
        private static let most = NetworkBackend.largestFrame
        /// Small, so that segments are as large as can be that do not take long to try.
        private static let mtu: UInt16 = 140
        /// Of frames in an input, so that it is tried quickly.
        private static let mostFrames = 100

        init() {}

        func run(_ input: [UInt8]) throws -> Verdict {
            let rest = Array(input.dropFirst())
            return try input.first.map { $0 & 1 == 0 } ?? true ? cut(rest) : join(rest)
        }

        // MARK: Cutting

        private func cut(_ input: [UInt8]) throws -> Verdict {
            guard input.count >= Self.headerSize, input.count <= Self.headerSize + Self.most else {
                return .refused
            }
            let header = VirtioHeader(input)
            guard let frames = Self.frames(input) else { return .refused }
            let all = input.count - Self.headerSize
            guard header.segmentation != .none else {
                try promise(frames.count <= 1, "one frame became several")
                try promise(frames.first?.count ?? 0 == all, "a frame of another size")
                return .accepted
            }
            // The headers of all are of one size, which the shortest can't tell; the payload is
            // complete, and in order.
            let start = Int(header.checksumStart)
            let size = start + Int(input[Self.headerSize + start + 12] >> 4) * 4
            let payload = Array(input[(Self.headerSize + size)...])
            try promise(frames.flatMap { $0[size...] } == payload, "another payload")
            for frame in frames.dropLast() {
                try promise(
                    frame.count == size + Int(header.segmentSize), "a segment of another size")
                try promise(frame[start + 13] & 9 == 0, "FIN or PSH before the end")
            }
            return .accepted
        }

        private static func frames(_ written: [UInt8]) -> [[UInt8]]? {
            var bytes = written
            guard
                var segmenter = Segmenter(
                    VirtioHeader(bytes), &bytes, headerSize..<bytes.count)
            else { return nil }
            var frames: [[UInt8]] = []
            while let range = segmenter.makeNext(&bytes) { frames.append(Array(bytes[range])) }
            return frames
        }

        // MARK: Joining

        private func join(_ input: [UInt8]) throws -> Verdict {
            var frames: [[UInt8]] = []
            var rest = input[...]
            while rest.count >= 2, frames.count < Self.mostFrames {
                let size = Int(rest.removeFirst()) | Int(rest.removeFirst()) << 8
                // Those of a network are never empty.
                if size > 0, !rest.isEmpty { frames.append(Array(rest.prefix(size))) }
                rest = rest.dropFirst(size)
            }
            var merger = Merger(headerSize: Self.headerSize, largest: Self.most, mtu: Self.mtu)
            var written: [[UInt8]] = []
            for frame in frames {
                merger.take(count: frame.count) { $0.copyBytes(from: frame) }
                if !merger.join(count: frame.count) {
                    if let bytes = merger.finish() { written.append(Array(bytes)) }
                    merger.begin(count: frame.count)
                }
            }
            if let bytes = merger.finish() { written.append(Array(bytes)) }
            var others = frames[...]
            for bytes in written {
                let back = Self.frames(bytes) ?? []
                try promise(
                    back.map(Self.withoutNumber)
                        == Self.collapsed(Array(others.prefix(back.count))).map(Self.withoutNumber),
                    "not the frames that were joined")
                others = others.dropFirst(back.count)
            }
            try promise(others.isEmpty, "frames were lost")
            return written.count < frames.count ? .accepted : .refused
        }

        /// Without what means nothing in packets that may not be fragmented: IPv4's number, and the
        /// checksum that includes it.
        private static func withoutNumber(_ frame: [UInt8]) -> [UInt8] {
            guard frame.count >= 34, frame[12] == 8, frame[13] == 0, frame[20] & 0x40 != 0 else {
                return frame
            }
            var frame = frame
            for index in [18, 19, 24, 25] { frame[index] = 0 }
            return frame
        }

        /// Frames that were joined, with PSH where it is then: only in the last, for all that were as large
        /// as can be.
        private static func collapsed(_ frames: [[UInt8]]) -> [[UInt8]] {
            guard frames.count > 1 else { return frames }
            var isPushed = false
            return frames.enumerated().map { index, frame in
                guard let parts = TCPFrame(whole: frame, 0..<frame.count) else { return frame }
                let field = parts.transport + TCPFrame.flags
                let isLast = index == frames.count - 1
                let isPush = frame[field] & TCPFrame.push != 0
                if isPush, frame.count - parts.network == Int(mtu) { isPushed = true }
                guard isPushed, isPush != isLast else { return frame }
                var frame = frame
                frame[field] ^= TCPFrame.push
                // The flags are the lower byte of a word of which the checksum has the complement.
                let place = parts.transport + TCPFrame.checksum
                var sum = UInt32(~frame.network16(at: place) & 0xFFFF)
                sum = isPush ? sum + 0xFFFF - UInt32(TCPFrame.push) : sum + UInt32(TCPFrame.push)
                while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
                frame.setNetwork16(~UInt16(sum), at: place)
                return frame
            }
        }

        // MARK: Inputs

        private static func toCut(_ segment: TCPSegment, every size: Int) -> [UInt8] {
            var header = VirtioHeader()
            header.segmentation = segment.isIPv6 ? .tcpIPv6 : .tcpIPv4
            header.needsChecksum = true
            header.segmentSize = UInt16(size)
            header.checksumStart = UInt16(segment.transport)
            header.checksumOffset = 16
            var bytes = [UInt8](repeating: 0, count: headerSize)
            header.store(in: &bytes)
            return [0] + bytes + segment.frame(isPartial: true)
        }

        private static func toJoin(_ frames: [[UInt8]]) -> [UInt8] {
            [1] + frames.flatMap { littleEndian(UInt16($0.count)) + $0 }
        }

        private static let segments: [TCPSegment] = [
            TCPSegment { $0.payload = [UInt8](repeating: 7, count: 300) },
            TCPSegment {
                $0.payload = [UInt8](repeating: 7, count: 300)
                $0.isIPv6 = true
                $0.options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]
            },
            TCPSegment {
                $0.payload = [UInt8](repeating: 7, count: 200)
                $0.networkOptions = [1, 1, 1, 0]
                $0.fragment = 0x4000
                $0.flags = 24
            },
        ]

        static var seeds: [[UInt8]] {
            segments.map { toCut($0, every: 100) }
                + segments.map { segment in toJoin(segment.cut(every: 100).map { $0.frame() }) }
                + [
                    toCut(TCPSegment { $0.tags = [1, 2] }, every: 100),
                    [0] + [UInt8](repeating: 0, count: headerSize + 60),
                    toJoin(segments.flatMap { $0.cut(every: 50).map { $0.frame() } }),
                    toJoin([TCPSegment().frame(), [1]]),
                    // As large as can be.
                    toJoin(
                        segments[0].cut(every: 100).map { part in
                            TCPSegment {
                                $0 = part
                                $0.flags |= 8
                            }.frame()
                        }),
                ]
        }

        static var words: [[UInt8]] {
            [[0x08, 0x00], [0x86, 0xDD], [0x81, 0x00], [0x45], [0x60], [0xFF, 0xFF], [0, 0]]
        }
    }
#endif
