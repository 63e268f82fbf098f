import CLinux
import Linux
import Synchronization
import Testing

@testable import Network
@testable import Tender

/// Frames over a stream, whatever its other end does.
@Suite struct FrameStreamTests {
    private let memory: GuestMemory

    init() throws {
        // As the tender does.
        _ = linux_ignore_signal(SIGPIPE)
        memory = try GuestMemory(count: 1 << 20)
    }

    /// What the operator is told.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }

        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// A backend on a socket, and the socket's other end, which does not wait either.
    private final class Wire {
        let backend: NetworkBackend
        let lines = Lines()
        private var end = FileDescriptor.closed()

        init(_ type: __socket_type = SOCK_STREAM, mtu: UInt16 = 1500) throws {
            var ends: [Int32] = [-1, -1]
            let flags = SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
            guard socketpair(AF_UNIX, Int32(type.rawValue | flags), 0, &ends) == 0 else {
                throw Errno.current
            }
            let lines = lines
            backend = NetworkBackend(
                try FileDescriptor(owning: ends[0]), mtu: mtu,
                peer: Peer("the peer") { lines.add($0) })
            end = try FileDescriptor(owning: ends[1])
        }

        func write(_ bytes: [UInt8]) -> Bool {
            CLinux.write(end.number, bytes, bytes.count) == bytes.count
        }

        /// All that has arrived.
        func readAll() -> [UInt8] {
            var all: [UInt8] = []
            var part = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = read(end.number, &part, part.count)
                guard count > 0 else { return all }
                all += part.prefix(count)
            }
        }

        func close() { end = .closed() }

        /// Whether the backend's descriptor can be read.
        var isReadable: Bool {
            Readiness.wait(backend.descriptor, -1, upTo: 0).first
        }

        /// The socket takes few bytes at a time.
        func shrink() {
            var size: Int32 = 4096
            setsockopt(
                backend.descriptor, SOL_SOCKET, SO_SNDBUF, &size,
                socklen_t(MemoryLayout<Int32>.size))
        }
    }

    private func frame(_ count: Int, tag: UInt8 = 0) -> [UInt8] {
        (0..<count).map { UInt8($0 % 251) ^ tag }
    }

    private func length(_ count: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
    }

    private func framed(_ frame: [UInt8]) -> [UInt8] { length(UInt32(frame.count)) + frame }

    private func send(_ frame: [UInt8], by backend: NetworkBackend) throws -> NetworkBackend.Sending
    {
        try memory.place(frame, at: 0x10000)
        let range = try memory.range(
            at: GuestAddress(0x10000), count: UInt64(frame.count), for: .read)
        return backend.send(range, of: memory)
    }

    private func receive(_ count: Int = 70000, by backend: NetworkBackend) throws -> (
        NetworkBackend.Reception, [UInt8]
    ) {
        let range = try memory.range(
            at: GuestAddress(0x40000), count: UInt64(count), for: .write)
        let reception = backend.receive(into: range, of: memory)
        guard case .frame(let size) = reception else { return (reception, []) }
        return (reception, Array(memory.bytes(in: range).prefix(size)))
    }

    @Test func framesOfBothKindsOfMemory() throws {
        let wire = try Wire()
        #expect(try send(frame(60), by: wire.backend) == .sent)
        #expect(wire.backend.send(([7, 7] + frame(61))[2...]) == .sent)
        #expect(wire.readAll() == framed(frame(60)) + framed(frame(61)))

        #expect(wire.write(framed(frame(100)) + framed(frame(101))))
        #expect(try receive(by: wire.backend).1 == frame(100))
        var buffer = [UInt8](repeating: 9, count: 200)
        #expect(wire.backend.receive(into: &buffer, at: 12) == .frame(count: 101))
        #expect(Array(buffer[12..<113]) == frame(101))
        #expect((buffer[..<12] + buffer[113...]).allSatisfy { $0 == 9 })
    }

    /// The guest waits for the descriptor, so a frame that is left must make it readable.
    @Test func theSocketIsReadableWhileThereAreFrames() throws {
        let wire = try Wire()
        #expect(!wire.isReadable)
        for tag in 1...5 as ClosedRange<UInt8> { #expect(wire.write(framed(frame(60, tag: tag)))) }
        for tag in 1...5 as ClosedRange<UInt8> {
            #expect(wire.isReadable)
            #expect(try receive(by: wire.backend).1 == frame(60, tag: tag))
        }
        #expect(!wire.isReadable)
        #expect(try receive(by: wire.backend).0 == .wouldBlock)
    }

    /// Whatever part of it has arrived, a frame is delivered once, and whole.
    @Test func framesThatComeByteByByte() throws {
        let wire = try Wire()
        for tag in 1...3 as ClosedRange<UInt8> {
            for byte in framed(frame(60, tag: tag)).dropLast() {
                #expect(wire.write([byte]))
                #expect(try receive(by: wire.backend).0 == .wouldBlock)
            }
            #expect(wire.write([frame(60, tag: tag)[59]]))
            #expect(try receive(by: wire.backend).1 == frame(60, tag: tag))
        }
    }

    @Test func framesCutAtEveryPlace() throws {
        let wire = try Wire()
        let stream = framed(frame(20, tag: 1)) + framed(frame(30, tag: 2))
        for place in 0...stream.count {
            #expect(wire.write(Array(stream[..<place])))
            var received: [[UInt8]] = []
            func collect() throws {
                while case (.frame, let bytes) = try receive(by: wire.backend) {
                    received.append(bytes)
                }
            }
            try collect()
            #expect(wire.write(Array(stream[place...])))
            try collect()
            #expect(received == [frame(20, tag: 1), frame(30, tag: 2)])
        }
    }

    @Test func emptyFramesAreNone() throws {
        let wire = try Wire()
        #expect(wire.write(length(0) + length(0) + length(0) + framed(frame(60)) + length(0)))
        var calls = 0
        while true {
            let (reception, bytes) = try receive(by: wire.backend)
            calls += 1
            if case .frame = reception {
                #expect(bytes == frame(60))
                break
            }
            // Else the guest would wait for ever.
            try #require(reception == .wouldBlock && wire.isReadable && calls < 4)
        }
        #expect(try receive(by: wire.backend).0 == .wouldBlock)
        #expect(wire.lines.all.isEmpty)
    }

    @Test func framesLargerThanTheRoomAreCutOff() throws {
        let wire = try Wire()
        // Larger than the MTU, and the largest that there can be.
        for count in [2000, NetworkBackend.largestFrame] {
            #expect(wire.write(framed(frame(count)) + framed(frame(60))))
            #expect(try receive(1514, by: wire.backend).1 == Array(frame(count).prefix(1514)))
            #expect(try receive(by: wire.backend).1 == frame(60))
        }
        #expect(wire.write(framed(frame(NetworkBackend.largestFrame))))
        #expect(try receive(by: wire.backend).1 == frame(NetworkBackend.largestFrame))
    }

    @Test(arguments: [UInt32(NetworkBackend.largestFrame) + 1, 1 << 31, .max])
    func aLengthThatNoFrameHas(_ count: UInt32) throws {
        let wire = try Wire()
        #expect(wire.write(framed(frame(60)) + length(count) + frame(60)))
        #expect(try receive(by: wire.backend).1 == frame(60))
        #expect(try receive(by: wire.backend).0 == .unavailable)
        // What follows is taken for nothing, but taken: otherwise no wait would be one.
        #expect(wire.write(framed(frame(60))))
        for _ in 0..<3 { #expect(try receive(by: wire.backend).0 == .unavailable) }
        #expect(!wire.isReadable)
        #expect(wire.lines.all.count == 1)
        #expect(wire.lines.all[0].contains("a frame of \(count) bytes"))
    }

    @Test(arguments: [0, 3, 4, 40])
    func thePeerCloses(afterBytes count: Int) throws {
        let wire = try Wire()
        #expect(wire.write(framed(frame(60)) + framed(frame(60)).prefix(count)))
        wire.close()
        #expect(try receive(by: wire.backend).1 == frame(60))
        for _ in 0..<3 {
            #expect(try receive(by: wire.backend).0 == .unavailable)
            #expect(try send(frame(60), by: wire.backend) == .dropped)
        }
        #expect(
            wire.lines.all == [
                "the peer: it has closed the connection: the guest's interface is down from now on"
            ])
    }

    /// What it has sent before can still be received.
    @Test func thePeerClosesAndASendFindsOut() throws {
        let wire = try Wire()
        #expect(wire.write(framed(frame(60))))
        wire.close()
        #expect(try send(frame(60), by: wire.backend) == .dropped)
        #expect(try receive(by: wire.backend).1 == frame(60))
        #expect(try receive(by: wire.backend).0 == .unavailable)
        #expect(wire.lines.all.count == 1)
    }

    @Test func aPeerThatStopsReading() throws {
        let wire = try Wire()
        var sent = 0
        while try send(frame(1514, tag: UInt8(sent % 256)), by: wire.backend) == .sent {
            sent += 1
            try #require(sent < 2000)
        }
        for _ in 0..<10 { #expect(try send(frame(1514), by: wire.backend) == .dropped) }
        let expected = (0..<sent).flatMap { framed(frame(1514, tag: UInt8($0 % 256))) }
        #expect(wire.readAll() == expected)
        #expect(try send(frame(60), by: wire.backend) == .sent)
        #expect(wire.readAll() == framed(frame(60)))
    }

    /// A frame that the socket takes in parts arrives as a whole, and before any other.
    @Test func framesThatAreSentInParts() throws {
        let wire = try Wire(mtu: 65520)
        wire.shrink()
        let large = frame(60000)
        #expect(try send(large, by: wire.backend) == .sent)
        #expect(try send(frame(60), by: wire.backend) == .dropped)
        var arrived = wire.readAll()
        #expect(!arrived.isEmpty && arrived.count < 60004)
        var calls = 0
        while arrived.count < 60004 {
            // A guest that only waits for the answer sends the rest.
            #expect(try receive(by: wire.backend).0 == .wouldBlock)
            arrived += wire.readAll()
            calls += 1
            try #require(calls < 100)
        }
        #expect(arrived == framed(large))
        #expect(try send(frame(60), by: wire.backend) == .sent)
        #expect(wire.readAll() == framed(frame(60)))
    }

    @Test(arguments: [SOCK_DGRAM, SOCK_SEQPACKET])
    func datagramsHaveNoLength(_ type: __socket_type) throws {
        let wire = try Wire(type)
        #expect(try send(frame(60), by: wire.backend) == .sent)
        #expect(wire.readAll() == frame(60))
        #expect(wire.write(frame(61)))
        #expect(try receive(by: wire.backend).1 == frame(61))
        #expect(try receive(by: wire.backend).0 == .wouldBlock)
        wire.close()
        for _ in 0..<2 { #expect(try send(frame(60), by: wire.backend) == .dropped) }
        #expect(wire.lines.all.count == 1)
    }
}
