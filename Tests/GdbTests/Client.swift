#if Gdb
    import CLinux
    import TestSupport

    @testable import Gdb

    /// A debugger's end of a connection.
    final class Client {
        struct NoAnswer: Error {
            let received: String
        }

        private let socket: Int32
        private var reader = PacketReader()
        private var received: [UInt8] = []

        init(_ path: String) throws {
            socket = try attempt { CLinux.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            try attempt { linux_connect(socket, &address, size) }
            // The server has its own opinion of how long to wait; none is a test's.
            var patience = timeval(tv_sec: 30, tv_usec: 0)
            setsockopt(
                socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(socket) }

        func send(_ bytes: [UInt8]) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    CLinux.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }

        func send(_ text: String) { send(PacketReader.packet(Array(text.utf8))) }

        /// The next packet.
        func next() throws -> String {
            while true {
                while !received.isEmpty {
                    if case .packet(let content) = reader.take(received.removeFirst()) {
                        return String(decoding: content, as: UTF8.self)
                    }
                }
                var room = [UInt8](repeating: 0, count: 65536)
                let count = recv(socket, &room, room.count, 0)
                guard count > 0 else { throw NoAnswer(received: "\(count)") }
                received = Array(room.prefix(count))
            }
        }

        func ask(_ text: String) throws -> String {
            send(text)
            return try next()
        }

        /// Whether the other end has closed the connection.
        func isOver() -> Bool {
            var room = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = recv(socket, &room, room.count, 0)
                if count <= 0 { return count == 0 || linux_errno() == ECONNRESET }
            }
        }
    }
#endif
