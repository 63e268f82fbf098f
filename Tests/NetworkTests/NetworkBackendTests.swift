import CLinux
import Linux
import Testing

@testable import Network
@testable import Tender

/// What becomes of frames, whatever happens to the descriptor.
@Suite struct NetworkBackendTests {
    private let memory: GuestMemory

    init() throws {
        // As the tender does.
        _ = linux_ignore_signal(SIGPIPE)
        memory = try GuestMemory(count: 1 << 20)
    }

    /// A backend on a socket, and the socket's other end.
    private final class Wire {
        let backend: NetworkBackend
        private let end: FileDescriptor

        init(_ type: __socket_type = SOCK_SEQPACKET) throws {
            var ends: [Int32] = [-1, -1]
            let flags = SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
            guard socketpair(AF_UNIX, Int32(type.rawValue | flags), 0, &ends) == 0 else {
                throw Errno.current
            }
            backend = NetworkBackend(try FileDescriptor(owning: ends[0]), mtu: 1500)
            end = try FileDescriptor(owning: ends[1])
        }

        func send(_ frame: [UInt8]) -> Bool {
            write(end.number, frame, frame.count) == frame.count
        }

        /// The next frame; nil if there is none.
        func receive() -> [UInt8]? {
            var frame = [UInt8](repeating: 0, count: 2000)
            let count = read(end.number, &frame, frame.count)
            return count < 0 ? nil : Array(frame.prefix(count))
        }
    }

    private func frame(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 % 251) } }

    /// Sends from guest memory and from a buffer, which is to come to the same.
    private func send(_ frame: [UInt8], by backend: NetworkBackend) throws
        -> [NetworkBackend.Sending]
    {
        try memory.place(frame, at: 0x1000)
        let range = try memory.range(
            at: GuestAddress(0x1000), count: UInt64(frame.count), for: .read)
        return [backend.send(range, of: memory), backend.send(([7, 7] + frame)[2...])]
    }

    private func receive(by backend: NetworkBackend) throws -> [NetworkBackend.Reception] {
        let range = try memory.range(at: GuestAddress(0x1000), count: 2048, for: .write)
        var buffer = [UInt8](repeating: 0, count: 2048)
        return [backend.receive(into: range, of: memory), backend.receive(into: &buffer, at: 10)]
    }

    @Test(arguments: [0, 13, 1519, 65536, 1 << 32 | 60, .max] as [UInt64])
    func sizesOfNoFrame(_ count: UInt64) throws {
        #expect(try !Wire().backend.takes(count: count))
    }

    @Test(arguments: [14, 60, 1514, 1518] as [UInt64])
    func sizesOfFrames(_ count: UInt64) throws {
        #expect(try Wire().backend.takes(count: count))
    }

    @Test func framesOfBothKindsOfMemory() throws {
        let wire = try Wire()
        let backend = wire.backend
        #expect(backend.isSocket)
        #expect(try send(frame(60), by: backend) == [.sent, .sent])
        for _ in 0..<2 { #expect(wire.receive() == frame(60)) }

        for _ in 0..<2 { #expect(wire.send(frame(100))) }
        let range = try memory.range(at: GuestAddress(0x2000), count: 2048, for: .write)
        #expect(backend.receive(into: range, of: memory) == .frame(count: 100))
        #expect(memory.bytes(in: range) == frame(100) + [UInt8](repeating: 0, count: 1948))
        var buffer = [UInt8](repeating: 9, count: 200)
        #expect(backend.receive(into: &buffer, at: 12) == .frame(count: 100))
        #expect(Array(buffer[12..<112]) == frame(100))
        #expect((buffer[..<12] + buffer[112...]).allSatisfy { $0 == 9 })
    }

    @Test func whatDoesNotFitIsCutOff() throws {
        let wire = try Wire()
        let backend = wire.backend
        for _ in 0..<2 { #expect(wire.send(frame(100))) }
        let range = try memory.range(at: GuestAddress(0x2000), count: 20, for: .write)
        #expect(backend.receive(into: range, of: memory) == .frame(count: 20))
        #expect(try memory.load(UInt8.self, at: GuestAddress(0x2014)) == 0)
        var buffer = [UInt8](repeating: 0, count: 30)
        #expect(backend.receive(into: &buffer, at: 10) == .frame(count: 20))
        #expect(try receive(by: backend) == [.wouldBlock, .wouldBlock])
    }

    @Test func aFullSocketDrops() throws {
        let wire = try Wire()
        let backend = wire.backend
        var sent = 0
        while try send(frame(1514), by: backend) == [.sent, .sent] {
            sent += 1
            try #require(sent < 2000)
        }
        #expect(try send(frame(1514), by: backend) == [.dropped, .dropped])
        while wire.receive() != nil {}
        #expect(try send(frame(1514), by: backend) == [.sent, .sent])
    }

    @Test func anEmptyDatagramIsNoFrame() throws {
        let wire = try Wire(SOCK_DGRAM)
        let backend = wire.backend
        for _ in 0..<2 { #expect(wire.send([])) }
        #expect(try receive(by: backend) == [.unavailable, .unavailable])
        #expect(try receive(by: backend) == [.wouldBlock, .wouldBlock])
    }

    @Test func theOtherEndHasGone() throws {
        let backend = try Wire().backend
        #expect(try send(frame(60), by: backend) == [.gone, .gone])
        // Which is all that such a socket says.
        #expect(try receive(by: backend) == [.unavailable, .unavailable])
    }

    /// As of an interface that is down, EIO.
    @Test func failuresThatMayPass() throws {
        let file = try FileDescriptor.open("/proc/self/mem", O_RDWR)
        let backend = NetworkBackend(file, mtu: 1500)
        #expect(!backend.isSocket)
        #expect(try send(frame(60), by: backend) == [.dropped, .dropped])
        #expect(try receive(by: backend) == [.unavailable, .unavailable])
    }

    /// EBADF, as of a tap whose interface was deleted EBADFD.
    @Test func failuresForGood() throws {
        let backend = NetworkBackend(.closed(), mtu: 1500)
        #expect(try send(frame(60), by: backend) == [.gone, .gone])
        #expect(try receive(by: backend) == [.gone, .gone])
    }
}
