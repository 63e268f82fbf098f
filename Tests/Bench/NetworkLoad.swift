import Foundation

/// A client of guest bench-tcp, in the network that it is in.
struct NetworkLoad {
    /// What a measurement yields: bytes or requests, and the time that they took.
    struct Amount {
        let count: Int
        /// In nanoseconds.
        let time: UInt64
        /// Of requests: each one's latency, in microseconds.
        var latencies = Samples(values: [])
    }

    private static let address = "10.99.0.2"
    private static let part = 256 << 10

    enum Port: UInt16 {
        case echo = 7
        case discard = 9
        case generate = 19
    }

    /// How long a load lasts, in nanoseconds.
    private static let duration: UInt64 = 400_000_000

    /// Makes requests, each after the answer to the one before, on as many connections at once.
    static func requests(connections: Int) throws -> Amount {
        let sockets = try (0..<connections).map { _ in try connect(.echo) }
        defer { sockets.forEach { close($0) } }
        let request = [UInt8](repeating: 0x3F, count: 64)
        var answer = [UInt8](repeating: 0, count: 256)
        var begins = [UInt64](repeating: 0, count: connections)
        var latencies: [Double] = []
        let started = monotonicTime()
        for index in sockets.indices {
            begins[index] = monotonicTime()
            try send(request, to: sockets[index])
        }
        var waiting = sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while monotonicTime() - started < duration {
            guard poll(&waiting, nfds_t(waiting.count), 10_000) > 0 else {
                throw Failure(description: "no answer within 10 s")
            }
            for index in waiting.indices where waiting[index].revents != 0 {
                // An answer is one segment, which comes whole.
                guard recv(sockets[index], &answer, answer.count, 0) == request.count else {
                    throw Failure(description: "not the answer to a request")
                }
                let now = monotonicTime()
                latencies.append(Double(now - begins[index]) / 1000)
                begins[index] = now
                try send(request, to: sockets[index])
            }
        }
        return Amount(
            count: latencies.count, time: monotonicTime() - started,
            latencies: Samples(values: latencies))
    }

    /// Sends bytes to the guest.
    static func upload() throws -> Amount {
        let socket = try connect(.discard)
        defer { close(socket) }
        let bytes = [UInt8](repeating: 0x61, count: part)
        let started = monotonicTime()
        var sent = 0
        while monotonicTime() - started < duration {
            try send(bytes, to: socket)
            sent += bytes.count
        }
        // Until the guest has it all, and says that it has nothing.
        shutdown(socket, Int32(SHUT_WR))
        var byte: UInt8 = 0
        guard recv(socket, &byte, 1, 0) == 0 else { throw systemFailure("end of a connection") }
        return Amount(count: sent, time: monotonicTime() - started)
    }

    /// Has the guest send bytes.
    static func download() throws -> Amount {
        let socket = try connect(.generate)
        defer { close(socket) }
        let started = monotonicTime()
        let all = 1 << 31
        try send((0..<8).map { UInt8(truncatingIfNeeded: all >> ($0 * 8)) }, to: socket)
        var bytes = [UInt8](repeating: 0, count: part)
        var received = 0
        while monotonicTime() - started < duration {
            let count = recv(socket, &bytes, bytes.count, 0)
            guard count > 0 else { throw systemFailure("recv") }
            received += count
        }
        let time = monotonicTime() - started
        // The guest is to stop at once (RST).
        var reset = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
        return Amount(count: received, time: time)
    }

    private static func send(_ bytes: [UInt8], to socket: Int32) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw systemFailure("send") }
            offset += count
        }
    }

    private static func connect(_ port: Port) throws -> Int32 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw systemFailure("socket") }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        var one: Int32 = 1
        var room: Int32 = 512 << 10
        setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &room, 4)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        // Sends as fast as it may, on every machine: what the system has by default may measure the way,
        // and pace.
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_CONGESTION, "reno", 4)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.rawValue.bigEndian
        place.sin_addr.s_addr = inet_addr(address)
        let result = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(
                    socket, .init(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw systemFailure("connection to the guest") }
        return socket
    }
}
