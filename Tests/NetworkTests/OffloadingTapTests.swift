import CLinux
import Linux
import TestSupport
import Testing

@testable import Network
@testable import Tender

/// A back end with offloads, on a socket that stands in for the kernel's side of the tap.
@Suite final class OffloadingTapTests {
    private let backend: NetworkBackend
    private let end: FileDescriptor
    private let memory: GuestMemory

    init() throws {
        // As the tender does.
        _ = linux_ignore_signal(SIGPIPE)
        var ends: [Int32] = [-1, -1]
        let type = SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        guard socketpair(AF_UNIX, Int32(type), 0, &ends) == 0 else { throw Errno.current }
        backend = NetworkBackend(
            try FileDescriptor(owning: ends[0]), mtu: 1500, virtioHeader: VirtioHeader.size)
        end = try FileDescriptor(owning: ends[1])
        memory = try GuestMemory(count: 1 << 20)
    }

    private static let plain = [UInt8](repeating: 0, count: VirtioHeader.size)

    private func deliver(_ bytes: [UInt8]) -> Bool {
        write(end.number, bytes, bytes.count) == bytes.count
    }

    /// What has come out at the tap's other side.
    private func written() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 70000)
        let count = read(end.number, &bytes, bytes.count)
        return count < 0 ? nil : Array(bytes.prefix(count))
    }

    private func place(_ frame: [UInt8]) throws -> GuestRange {
        try memory.place(frame, at: 0x2000)
        return try memory.range(
            at: GuestAddress(0x2000), count: UInt64(frame.count), for: .read)
    }

    /// The next frame, into the guest's memory or into a buffer, by turns.
    private func receive(_ index: Int = 0, room: Int = 2048) throws -> [UInt8]? {
        if index % 2 == 0 {
            let range = try memory.range(
                at: GuestAddress(0x4000), count: UInt64(room), for: .write)
            guard case .frame(let count) = backend.receive(into: range, of: memory) else {
                return nil
            }
            return memory.bytes(in: range.prefix(count))
        }
        var buffer = [UInt8](repeating: 0, count: 12 + room)
        guard case .frame(let count) = backend.receive(into: &buffer, at: 12) else { return nil }
        return Array(buffer[12..<12 + count])
    }

    private static let segment = TCPSegment {
        $0.payload = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        $0.flags = 16 | 8
    }

    private static func superFrame(_ segment: TCPSegment = segment, every size: Int) -> [UInt8] {
        var header = VirtioHeader()
        header.segmentation = .tcpIPv4
        header.needsChecksum = true
        header.segmentSize = UInt16(size)
        header.checksumStart = UInt16(segment.transport)
        header.checksumOffset = 16
        var bytes = plain
        header.store(in: &bytes)
        return bytes + segment.frame(isPartial: true)
    }

    // MARK: Receiving

    @Test func aSuperFrameComesAsFrames() throws {
        #expect(!backend.hasFrames)
        #expect(deliver(Self.superFrame(every: 1448)))
        #expect(deliver(Self.plain + [UInt8](repeating: 5, count: 60)))
        let expected = Self.segment.cut(every: 1448).map { $0.frame() }
        for (index, frame) in expected.enumerated() {
            #expect(try receive(index) == frame)
            // Until the last one is received, though the descriptor may have nothing.
            #expect(backend.hasFrames == (index < expected.count - 1))
        }
        #expect(try receive() == [UInt8](repeating: 5, count: 60))
        #expect(try receive() == nil && receive(1) == nil)
        #expect(!backend.hasFrames)
    }

    @Test func whatDoesNotFitIsCutOff() throws {
        #expect(deliver(Self.superFrame(every: 1448)))
        let expected = Self.segment.cut(every: 1448).map { $0.frame() }
        for (index, frame) in expected.enumerated() {
            #expect(try receive(index, room: 100) == Array(frame.prefix(100)))
        }
        #expect(try receive() == nil)
    }

    /// The largest that the kernel makes, of frames that are as large as can be.
    @Test(arguments: [1448, 8948, 65000])
    func largeFrames(_ size: Int) throws {
        let segment = TCPSegment {
            $0.payload = (0..<65_495).map { UInt8(truncatingIfNeeded: $0 &* 5) }
        }
        #expect(deliver(Self.superFrame(segment, every: size)))
        for (index, part) in segment.cut(every: size).enumerated() {
            #expect(try receive(index, room: 70_000) == part.frame())
        }
    }

    /// It is lost, and what follows is not.
    @Test func whatMakesNoSense() throws {
        var bytes = Self.superFrame(every: 1448)
        bytes[1] = 5
        for junk in [bytes, Array(Self.plain.dropLast()), Self.plain, [1]] {
            #expect(deliver(junk))
            #expect(deliver(Self.plain + [UInt8](repeating: 5, count: 60)))
            #expect(try receive() == nil)
            #expect(!backend.hasFrames)
            #expect(try receive() == [UInt8](repeating: 5, count: 60))
        }
    }

    @Test func framesMadeAheadAreTheSame() throws {
        #expect(deliver(Self.superFrame(every: 1448)))
        let frames = Self.segment.cut(every: 1448).map { $0.frame() }
        backend.prepare()
        for (index, frame) in frames.enumerated() {
            #expect(try receive(index) == frame)
            #expect(backend.hasFrames == (index + 1 < frames.count))
            // More than once, and after the last one, too.
            backend.prepare()
            backend.prepare()
        }
        #expect(!backend.hasFrames)
        #expect(try receive() == nil)
    }

    // MARK: Sending

    @Test func framesHaveHeaders() throws {
        let frame = (0..<1514).map { UInt8(truncatingIfNeeded: $0) }
        #expect(backend.send(try place(frame), of: memory) == .sent)
        #expect(written() == Self.plain + frame)
        #expect(backend.send(([1, 2] + frame)[2...]) == .sent)
        #expect(written() == Self.plain + frame)
    }

    @Test func queuedFramesGoTogether() throws {
        let frames = Self.segment.cut(every: 1000).map { $0.frame() }
        for frame in frames.dropLast() {
            #expect(backend.queue(try place(frame), of: memory))
            #expect(written() == nil)
        }
        // The last has PSH, after which nothing can follow.
        backend.queue(frames[9][...])
        #expect(written() == Self.superFrame(every: 1000).withHeaderSize(54))
        backend.flush()
        #expect(written() == nil)
    }

    @Test func flushSendsWhatIsThere() throws {
        let frames = Self.segment.cut(every: 1000).map { $0.frame() }
        #expect(backend.queue(try place(frames[0]), of: memory))
        #expect(backend.queue(try place(frames[1]), of: memory))
        backend.flush()
        #expect(written()?.count == VirtioHeader.size + 54 + 2000)
        backend.flush()
        #expect(written() == nil)
    }

    @Test func whatNothingFollowsIsSentAtOnce() throws {
        let frames = Self.segment.cut(every: 1000).map { $0.frame() }
        for frame in frames.dropLast() {
            #expect(backend.sendOrQueue(try place(frame), of: memory) == .queued)
            #expect(written() == nil)
        }
        #expect(backend.sendOrQueue(try place(frames[9]), of: memory) == .sent)
        #expect(written() == Self.superFrame(every: 1000).withHeaderSize(54))
        // Too small to look at what it is.
        let small = TCPSegment { $0.payload = [UInt8](repeating: 7, count: 100) }.frame()
        #expect(backend.sendOrQueue(try place(small), of: memory) == .sent)
        #expect(written() == Self.plain + small)
    }

    /// What is sent at once goes after what is queued; what can't be joined to waits for nothing.
    @Test func orderIsKept() throws {
        let frames = Self.segment.cut(every: 1000).map { $0.frame() }
        #expect(backend.queue(try place(frames[0]), of: memory))
        #expect(backend.send(try place(frames[1]), of: memory) == .sent)
        #expect(written() == Self.plain + frames[0])
        #expect(written() == Self.plain + frames[1])
        #expect(backend.queue(try place(frames[2]), of: memory))
        let acknowledgement = TCPSegment().frame()
        #expect(backend.sendOrQueue(try place(acknowledgement), of: memory) == .sent)
        #expect(written() == Self.plain + frames[2])
        #expect(written() == Self.plain + acknowledgement)
    }

    @Test func whatMayStayWaitsForTheFlush() throws {
        let frames = Self.segment.cut(every: 1000).map { $0.frame() }
        let acknowledgement = TCPSegment().frame()
        for _ in 0..<2 {
            #expect(backend.queue(try place(acknowledgement), of: memory))
            #expect(written() == nil)
            // Nothing is joined to it, and nothing overtakes it.
            #expect(backend.queue(try place(frames[0]), of: memory))
            #expect(written() == Self.plain + acknowledgement)
            #expect(written() == nil)
            backend.flush()
            #expect(written() == Self.plain + frames[0])
        }
    }

    @Test func theOtherEndHasGone() throws {
        let backend = NetworkBackend(.closed(), mtu: 1500, virtioHeader: VirtioHeader.size)
        let frame = [UInt8](repeating: 0, count: 60)
        #expect(backend.send(try place(frame), of: memory) == .gone)
        #expect(backend.send(frame[...]) == .gone)
        backend.queue(frame[...])
        backend.flush()
        let range = try memory.range(at: GuestAddress(0x4000), count: 2048, for: .write)
        #expect(backend.receive(into: range, of: memory) == .gone)
    }
}

extension [UInt8] {
    /// With the hint that the merger gives, and the kernel need not.
    fileprivate func withHeaderSize(_ size: UInt8) -> [UInt8] {
        var bytes = self
        bytes[2] = size
        return bytes
    }
}
